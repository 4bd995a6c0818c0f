"""What the control port can be asked for, by subject. ``openapi.json`` beside it documents every route."""
