"""The 3DD as an image system of VDDS media: its answers, its faults, and its entry in the register."""
