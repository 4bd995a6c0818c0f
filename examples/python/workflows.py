"""The guide's three workflows, as a practice management system performs them. Standard library only.

    python workflows.py [map] [update] [images]        all three when none is named

Environment: THREEDD_URL, THREEDD_USER, THREEDD_PASSWORD, THREEDD_CA (file of the authority's certificate) and
THREEDD_THUMBPRINT, as ``threedd emulator`` prints them. THREEDD_PATIENT is the integration id of a patient with images,
THREEDD_TAKEN_ID a patient id (SSN) that somebody has already; both have a default that suits the emulator.
THREEDD_PATIENCE_S says after how many seconds an operation that no station takes is withdrawn.
Exit code: 0 when all of it worked, 1 when something did not, 3 when the set-up is wrong.
"""

import os
import random
import sys

from dental_desktop import DentalDesktop, DentalDesktopError


def patient_of_the_practice(first_name, last_name):
    """Somebody new. A real program takes the record, and keeps one integration id per patient for ever."""
    number = f"{random.SystemRandom().getrandbits(48):012x}"
    born = f"19{int(number[0:4], 16) % 90 + 10}-{int(number[4:6], 16) % 12 + 1:02}-{int(number[6:8], 16) % 28 + 1:02}"
    return {
        "FirstName": first_name,
        "LastName": last_name,
        "DateOfBirth": born,
        "PatientId": f"P-{number}",
        "IntegrationId": f"PMS-{number}",
    }


def map_a_patient(server):
    """The user picks a station, and whoever sits there says which patient of Dental Desktop it is, or a new one."""
    stations = server.stations()
    for station in stations:
        print(f"  station {station.hostname}, {station.operator or 'nobody'}{' (busy)' if station.busy else ''}")
    free = [station for station in stations if not station.busy] or stations
    if not free:
        print("map: no station is connected")
        return False
    outcome = server.map_patient(patient_of_the_practice("Mathew", "Fox"), free[0].id)
    print(f"map: {'mapped' if outcome.processed else outcome.reason}")
    return outcome.processed


def update_a_patient(server):
    """A patient id that somebody else has is refused; the user corrects it and sends the patient again."""
    patient = patient_of_the_practice("Zoë", "Núñez & Søn")
    created = server.create_patient(patient)
    if not created.processed:
        print(f"update: the patient could not be created: {created.reason}")
        return False
    mistaken = {**patient, "PatientId": os.environ.get("THREEDD_TAKEN_ID", "SEED-66-714")}
    refused = server.update_patient(mistaken)
    print(f"update: {refused.reason}")
    corrected = server.update_patient({**patient, "FirstName": "Zoë Maria"})
    print(f"update: {'updated' if corrected.processed else corrected.reason}")
    return refused.code == 105 and corrected.processed


def fetch_the_images(server):
    """All cases of the patient, and every image that they name."""
    cases = server.cases(os.environ.get("THREEDD_PATIENT", "SEED-1001"))
    sizes = [len(server.image(image)) for case in cases for image in case.images]
    print(f"images: {len(cases)} cases, {len(sizes)} images, {sum(sizes)} bytes")
    return bool(sizes) and all(sizes)


WORKFLOWS = {"map": map_a_patient, "update": update_a_patient, "images": fetch_the_images}


def main(names):
    unknown = [name for name in names if name not in WORKFLOWS]
    if unknown:
        sys.exit(wrong(f"{unknown[0]} is no workflow; expected {', '.join(WORKFLOWS)}."))
    try:
        server = DentalDesktop(
            os.environ["THREEDD_URL"],
            os.environ["THREEDD_USER"],
            os.environ["THREEDD_PASSWORD"],
            os.environ.get("THREEDD_CA", ""),
            os.environ.get("THREEDD_THUMBPRINT", ""),
            float(os.environ.get("THREEDD_PATIENCE_S", "120")),
        )
    except KeyError as missing:
        sys.exit(wrong(f"{missing.args[0]} is not set; threedd emulator prints what it has to be."))
    except (OSError, ValueError, DentalDesktopError) as error:
        sys.exit(wrong(str(error)))
    try:
        worked = [WORKFLOWS[name](server) for name in names or WORKFLOWS]
    except DentalDesktopError as error:
        print(f"failed: {error}")
        worked = [False]
    finally:
        server.close()
    sys.exit(0 if all(worked) else 1)


def wrong(problem):
    print(problem, file=sys.stderr)
    return 3


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8")
    main(sys.argv[1:])
