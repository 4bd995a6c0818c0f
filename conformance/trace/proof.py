"""What the wire has proven about patients: which ids are in use, which are not, which nobody can tell.

Theory. An id is *present* once some answer cannot be explained otherwise: an operation that needs it was
processed, a case shows it, a refusal says it is taken, or whoever prepared the run declared it. Patients
are never deleted, so present stays present. It is *absent* while its producer minted it and nothing that might have
brought it in has been sent; or a refusal said it is unknown and nothing of the kind was sent since. A lost answer
keeps its effect possible for ever. Everything else is *unproven*, and a rule that would need it is not triggered.

A patient id comes and goes with each write to its holder, so the writes are followed in order, each with
what is known of its effect. An answer that contradicts what is proven proves nothing: it is the defect itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from conformance.spec import Spec
from conformance.trace.courses import Course, NamesCourse, NamesGiven, PatientIdCourse, Told
from conformance.trace.effects import Asked, Button, Done, Effect, doubtful, effect, possible_values
from conformance.trace.events import Note, NoteKind
from conformance.trace.exchange import Exchange
from conformance.trace.namesakes import Unmapped, words_of
from conformance.trace.proven import Alike, Holding, Names, Proof, State
from conformance.trace.seen_ids import SeenId, SeenPatientId, person_of
from conformance.trace.writes import Writes
from conformance.wire import Document

if TYPE_CHECKING:
    from conformance.trace.history import History
    from conformance.trace.operations import Operation


class Proofs:
    """Fed by History; asked by rules through ``integration_id``, ``patient_id``, ``names`` and others."""

    def __init__(self, spec: Spec) -> None:
        self._spec = spec
        self._ids: dict[str, SeenId] = defaultdict(SeenId)
        self._patient_ids: dict[str, SeenPatientId] = defaultdict(SeenPatientId)
        self._writes: dict[str, Writes] = defaultdict(Writes)
        self._persons: dict[tuple[str, ...], list[Operation]] = defaultdict(list)
        self._made_on_server: dict[tuple[str, ...], list[Operation]] = defaultdict(list)
        self._declared_names: dict[str, tuple[int, str, str]] = {}
        self._unmapped: list[Unmapped] = []
        self._merges: list[Operation] = []
        self._merges_by_names: dict[tuple[str, ...], list[Operation]] = defaultdict(list)
        self._merges_by_word: dict[str, list[Operation]] = defaultdict(list)
        self._decisions: dict[str, dict[str, str]] = defaultdict(dict)
        self._refused: dict[tuple[str, str, bool], list[Operation]] = defaultdict(list)
        self._foreign = False
        self._thought: dict[tuple[str, int, int], Names | None] = {}

    def forget_thoughts(self) -> None:
        """Called for each event: what was concluded before may be otherwise now."""
        self._thought.clear()

    # -- feeding ----------------------------------------------------------------------------------------------

    def note(self, note: Note) -> None:
        data = note.data
        if note.kind is NoteKind.FRESH:
            self._fresh(data["role"], data["value"], note.number)
        elif note.kind is NoteKind.FIXTURE:
            self._fixture(note)
        elif note.kind is NoteKind.DECISION and "operation" in data:
            self._decisions[data["operation"]][data.get("dialog", "")] = data.get("button", "")
        elif note.kind is NoteKind.FOREIGN:
            self._foreign = True
            for writes in self._writes.values():
                writes.forget()

    def _fresh(self, role: str, value: str, number: int) -> None:
        if role == "integration_id":
            self._ids[value].fresh = number
            self._learnt(value)
        elif role == "patient_id":
            self._patient_ids[value].fresh = number

    def _fixture(self, note: Note) -> None:
        data, what = note.data, note.data.get("what")
        integration_id, patient_id = data.get("integration_id", ""), data.get("patient_id", "")
        first, last = data.get("first_name", ""), data.get("last_name", "")
        if what in ("patient", "case") and integration_id:
            self._ids[integration_id].declared = self._ids[integration_id].declared or note.number
            self._learnt(integration_id)
        if what == "patient" and last:
            self._declared_names[integration_id] = (note.number, first, last)
        if what in ("patient", "unmapped_patient") and patient_id:
            self._patient_ids[patient_id].declared.append((note.number, integration_id))
        if what == "unmapped_patient":
            self._unmapped.append(Unmapped(note.number, first, last, patient_id, data.get("birth_date", "")))

    def started(self, operation: Operation) -> None:
        call = operation.call
        self.learnt_of(operation)
        patients = [value for value in possible_values(call, "integration_id") if value]
        for patient in patients:
            self._ids[patient].mentions.append(operation)
            if call.role == "create_patient":
                self._ids[patient].attempts.append(operation)
        if call.role in ("create_patient", "update_patient"):
            self._persons[person_of(call)].append(operation)
            for patient in patients or [""]:
                self._writes[patient].all.append(operation)
            for visible in possible_values(call, "patient_id"):
                if visible:
                    self._patient_ids[visible].written |= dict.fromkeys(sorted(possible_values(call, "integration_id")))
        if call.role == "create_patient" and not operation.on_station:
            self._made_on_server[person_of(call)[:2]].append(operation)
        if call.role == "create_patient" and operation.on_station and call.flag("merge"):
            self._merges.append(operation)
            self._merges_by_names[person_of(call)[:2]].append(operation)
            for word in words_of(call.values.get("last_name", "")):
                self._merges_by_word[word].append(operation)

    def exchange(self, exchange: Exchange, operation: Operation | None, history: History) -> None:
        if operation is not None and exchange.status_code is not None:
            self._status(exchange, operation)
        elif exchange.role == "find_cases" and isinstance(exchange.document, Document):
            for case in exchange.document.records:
                if case.text("integration_id"):
                    self._prove(case.text("integration_id"), exchange, None)

    def _status(self, poll: Exchange, operation: Operation) -> None:
        status = self._spec.status_by_code.get(poll.status_code if poll.status_code is not None else 0)
        call = operation.call
        patient = call.values.get("integration_id", "")
        if status is None:
            return
        if [name for name, _ in operation.ends].count(status.name) == 1:
            self.learnt_of(operation)
        if status.name in ("patient_id_taken", "integration_id_taken", "integration_id_unknown"):
            alike = self._refused[status.name, operation.role, operation.on_station]
            if len(alike) < _EXAMPLES and operation not in alike:
                alike.append(operation)
        if status.name == "patient_id_taken" and not doubtful(call, "patient_id"):
            refused = self._patient_ids[call.values.get("patient_id", "")].refused
            if operation not in refused:
                refused.append(operation)
        if not patient or doubtful(call, "integration_id"):
            return
        if status.name == "processed" or (status.name == "integration_id_taken" and call.role == "create_patient"):
            self._prove(patient, poll, operation)
        elif status.name == "integration_id_unknown" and operation not in self._ids[patient].unknown:
            self._ids[patient].unknown.append(operation)

    def learnt_of(self, operation: Operation) -> None:
        """Called when something new is known about it: a status, or what the operator did."""
        for patient in possible_values(operation.call, "integration_id"):
            if patient in self._writes:
                self._writes[patient].learnt_of(operation)

    def _learnt(self, patient: str) -> None:
        """Something new is known about the patient."""
        if patient in self._writes:
            self._writes[patient].forget()

    def _prove(self, patient: str, by: Exchange, operation: Operation | None) -> None:
        known = self._ids[patient]
        made = operation is not None and operation.role == "create_patient" and by.status_code == self._processed
        if known.present is None and (made or not self._contradicts(known, by, operation)):
            known.present = by
            known.by = operation if made else None
            self._learnt(patient)

    def _contradicts(self, known: SeenId, by: Exchange, operation: Operation | None) -> bool:
        """True when the id was proven absent all the time, so that the answer is the defect and no proof."""
        asked = operation.call if operation is not None else by
        return self._absent(known, asked, by).state is State.ABSENT

    @property
    def _processed(self) -> int:
        return self._spec.code("processed")

    # -- asking -----------------------------------------------------------------------------------------------

    def refused_like(self, status: str, like: Operation) -> list[Operation]:
        """Operations of the same kind, at the same place, that were known to have this status before ``like``."""
        found = self._refused.get((status, like.role, like.on_station), ())
        code = self._spec.code(status)
        return [operation for operation in found if code in operation.codes(like.call)]

    def decisions(self, operation: Operation) -> Mapping[str, str]:
        """What the operator was told, or did, about ``operation``: dialog -> button."""
        return self._decisions.get(operation.text, _NO_DECISIONS)

    def effect(self, operation: Operation, before: Exchange, until: Exchange | None = None) -> Done:
        """What ``operation`` did, as known when ``before`` was sent and with nothing new until ``until`` was over.

        One that was carried out although it could not be has done nobody knows what.
        """
        done = self._effect(operation, before, until or before)
        if done.effect in (Effect.WROTE, Effect.KEPT) and self._impossible(operation, done):
            return Done(Effect.OPEN, done.by)
        return done

    def _effect(self, operation: Operation, before: Exchange, until: Exchange) -> Done:
        done = effect(operation, before, until, self.decisions(operation))
        if done.effect not in (Effect.WROTE, Effect.KEPT):
            return done
        sure = not doubtful(operation.call, "integration_id")
        if done.effect is Effect.KEPT and operation.role == "create_patient":
            sure = sure and self.met_namesake(operation)
        return done if sure else Done(Effect.OPEN, done.by)

    def _impossible(self, operation: Operation, done: Done) -> bool:
        known = self._ids.get(operation.call.values.get("integration_id", ""))
        if known is None:
            return True
        if operation.role == "create_patient":
            return known.by is not operation or (known.declared > 0 and not known.made_before)
        return done.by is not None and self._contradicts(known, done.by, operation)

    def unmapped_names(self, patient_id: str) -> tuple[str, str] | None:
        """First and last name of the patient declared as unmapped with this patient id."""
        found = (unmapped for unmapped in self._unmapped if unmapped.patient_id == patient_id)
        return next(((unmapped.first, unmapped.last) for unmapped in found), None)

    def merges(self) -> Sequence[Operation]:
        """The creations at a station for which similar patients were to be offered, oldest first."""
        return self._merges

    def merges_of(self, first_name: str, last_name: str) -> Sequence[Operation]:
        """Those of them that give these names, oldest first."""
        return self._merges_by_names.get((first_name, last_name), ())

    def writes(self, patient: str) -> Sequence[Operation]:
        """Creations and updates that gave this integration id, oldest first."""
        return self._writes[patient].all if patient in self._writes else ()

    def of_person(self, call: Exchange) -> tuple[Operation, ...]:
        """Creations and updates with the same first name, last name and birth date as ``call``, oldest first."""
        return tuple(self._persons.get(person_of(call), ()))

    def other_creation(self, operation: Operation) -> Operation | None:
        """The first other creation under the same integration id that was seen to be processed."""
        known = self._ids.get(operation.call.values.get("integration_id", ""))
        others = (o for o in known.attempts if o is not operation) if known is not None else ()
        return next((o for o in others if self._processed in o.codes()), None)

    def met_namesake(self, operation: Operation) -> bool:
        """True when a patient declared unmapped has the names of the call, and no other merge may have mapped it."""
        return bool(self._namesakes(operation))

    def met_untouched_namesake(self, operation: Operation) -> bool:
        """The same, and the server itself, which must not, cannot have mapped it to somebody of those names either."""
        return any(not self._may_be_mapped_on_server(unmapped) for unmapped in self._namesakes(operation))

    def namesake_patient_id(self, operation: Operation) -> str:
        """The patient id of the one unmapped patient that has the names of the call; '' when none or several do."""
        found = self._namesakes(operation)
        return found[0].patient_id if len(found) == 1 else ""

    def like_namesake(self, operation: Operation) -> Alike:
        """Whether the call gives the data of the one unmapped patient that has its names."""
        found = self._namesakes(operation)
        return found[0].compared(operation.call) if len(found) == 1 else Alike.OPEN

    def _namesakes(self, operation: Operation) -> list[Unmapped]:
        names = person_of(operation.call)[:2]
        until = operation.polls[-1] if operation.polls else operation.call
        declared = [unmapped for unmapped in self._unmapped if (unmapped.first, unmapped.last) == names]
        if not declared or self._foreign or self._mapped_by_name(names[1], until, operation):
            return []
        return declared

    def _may_be_mapped_on_server(self, unmapped: Unmapped) -> bool:
        """True when the server made a patient of those names, and was not seen to keep the two apart since."""
        refused = self._patient_ids[unmapped.patient_id].refused if unmapped.patient_id else ()
        apart = {(o.call.values.get("integration_id"), o.serial) for o in refused}
        return any(
            self._processed in made.codes()
            and not any(who == made.call.values.get("integration_id") and n > made.serial for who, n in apart)
            for made in self._made_on_server.get((unmapped.first, unmapped.last), ())
        )

    def _mapped_by_name(self, last_name: str, until: Exchange, but: Operation | None = None) -> bool:
        """True when a merge other than ``but`` may have mapped a patient with a last name like this."""
        return any(
            merge is not but and self._may_map(merge, until)
            for word in words_of(last_name)
            for merge in self._merges_by_word.get(word, ())
        )

    def _may_map(self, merge: Operation, until: Exchange) -> bool:
        if self.decisions(merge).get(Asked.MERGE) in (Button.NEW, Button.CANCEL):
            return False
        return effect(merge, until, until, {}).effect not in (Effect.NONE, Effect.LATER)

    def integration_id(self, value: str, before: Exchange, until: Exchange | None = None) -> Proof:
        """Whether a patient with this integration id existed when ``before`` was sent, and until ``until`` was over."""
        known = self._ids.get(value)
        if known is None or not value:
            return Proof(State.UNPROVEN)
        shown = known.present is not None and known.present.before(before)
        if 0 < known.declared < before.number and not (shown and known.made_before):
            return Proof(State.PRESENT, (known.declared,))
        if known.present is not None and shown:
            return Proof(State.PRESENT, (known.present.number,), known.by)
        return self._absent(known, before, until or before)

    def _absent(self, known: SeenId, before: Exchange, until: Exchange) -> Proof:
        """Absent while nothing that may have brought the id in was sent before ``until`` was over."""
        fresh = known.fresh and known.fresh < before.number
        told = [o for o in known.unknown if o.call.before(before)] if not self._foreign else []
        if not fresh and not told:  # asked first: the rest looks at everything that names the patient
            return Proof(State.UNPROVEN)
        for operation in known.attempts:
            if operation.call is not before and self._effect(operation, before, until).effect not in _NOTHING:
                return Proof(State.UNPROVEN)
        named = [(o, self._effect(o, before, until).effect) for o in known.mentions if o.call is not before]
        nothing = tuple(o for o, done in named if done is Effect.NONE)
        odd = any(done is Effect.WROTE for _, done in named)
        by = known.fresh if fresh else told[-1].call.number
        return Proof(State.ABSENT, (by,), without_effect=nothing, contradicted=odd)

    def patient_id(self, value: str, before: Exchange, until: Exchange | None = None) -> Holding:
        """Who held this patient id when ``before`` was sent, and until ``until`` was over."""
        known = self._patient_ids.get(value)
        if known is None or not value.strip():
            return Holding(State.UNPROVEN)
        courses = [(who, self._course(who, value, known, before, until)) for who in self._candidates(known)]
        refused = tuple(o for o in known.refused if o.call.before(before))
        owners = [(who, course) for who, course in courses if course.told is Told.YES]
        if len(owners) == 1:
            who, course = owners[0]
            evidence = self._evidence(course, known, before)
            return Holding(State.PRESENT, who, evidence, course.by, course.since, refused=refused)
        if owners or any(course.told is Told.MAYBE for _, course in courses):
            return Holding(State.UNPROVEN)
        if any(number < before.number and not who for number, who in known.declared):
            return self._held_by_unmapped(value, known, before, refused)
        return self._free(known, [course for _, course in courses], before)

    def _candidates(self, known: SeenPatientId) -> list[str]:
        named = [who for _, who in known.declared if who]
        return list(dict.fromkeys([*named, *known.written]))

    def _course(self, who: str, value: str, known: SeenPatientId, before: Exchange, until: Exchange | None) -> Course:
        declared = any(number < before.number and holder == who for number, holder in known.declared)
        if declared and self._foreign:
            return Course(Told.MAYBE)
        start = PatientIdCourse(value, Course(Told.YES if declared else Told.NO))
        about = "patient id", value, declared
        return self._writes[who].follow(about, start, before, lambda o: self.effect(o, before, until)).course()

    def _evidence(self, course: Course, known: SeenPatientId, before: Exchange) -> tuple[int, ...]:
        if course.by is None:
            return tuple(number for number, who in known.declared if who and number < before.number)
        done = self.effect(course.by, before).by
        return (course.by.call.number, done.number) if done is not None else (course.by.call.number,)

    def _held_by_unmapped(
        self, value: str, known: SeenPatientId, before: Exchange, refused: tuple[Operation, ...]
    ) -> Holding:
        """Unmapped patients change only when an operator maps them."""
        names = [unmapped.last for unmapped in self._unmapped if unmapped.patient_id == value]
        if self._foreign or any(self._mapped_by_name(name, before) for name in names):
            return Holding(State.UNPROVEN)
        numbers = tuple(number for number, who in known.declared if not who)
        return Holding(State.PRESENT, "", numbers, refused=refused)

    def _free(self, known: SeenPatientId, courses: list[Course], before: Exchange) -> Holding:
        released = [course.by for course in courses if course.by is not None]
        nothing = tuple(o for course in courses for o in course.without_effect)
        if known.fresh and known.fresh < before.number:
            return Holding(State.ABSENT, "", (known.fresh,), released[-1] if released else None, (), nothing)
        if released and not self._foreign:
            return Holding(State.ABSENT, "", (released[-1].call.number,), released[-1], (), nothing)
        return Holding(State.UNPROVEN)

    def names(self, value: str, before: Exchange, until: Exchange | None = None) -> Names | None:
        """The names of a patient by the last write or declaration, or None where that cannot be told."""
        about = (value, before.number, until.number if until is not None else 0)
        if about not in self._thought:
            self._thought[about] = self._names(value, before, until)
        return self._thought[about]

    def _names(self, value: str, before: Exchange, until: Exchange | None) -> Names | None:
        number, first, last = self._declared_names.get(value, (0, "", ""))
        base = (first, last) if number and number < before.number and not self._foreign else None
        start = NamesCourse(NamesGiven(base) if base is not None else None)
        if value in self._writes:
            start = self._writes[value].follow(("names", base), start, before, lambda o: self.effect(o, before, until))
        known = start.known
        if known is None:
            return None
        done = self.effect(known.by, before).by if known.by is not None else None
        evidence = (known.by.call.number, done.number) if known.by is not None and done is not None else (number,)
        return Names(*known.names, evidence, known.by, known.since, known.former)


_EXAMPLES = 50
"""So many refusals of a kind are remembered; they show that the server refuses at all."""

_NO_DECISIONS: Mapping[str, str] = {}
_NOTHING = frozenset({Effect.NONE, Effect.LATER})
