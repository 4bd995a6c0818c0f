"""A client of Dental Desktop's integration interface, for a practice management system. Standard library only.

What it takes care of, and what is easily done wrong:

- only the clinic's own authority is trusted, and its thumbprint is compared without regard to letter case;
- every value is percent-encoded as UTF-8, and dates are written year first;
- every operation gets an id of its own, and its status is asked for until it is final;
- what no station takes is withdrawn in the end, and not carried out hours later;
- an answer that got lost is no failure: the operation may have been carried out, so its status is looked up first;
- documents are read by the names of their elements, in any order, and what is unknown is passed over.
"""

import base64
import hashlib
import http.client
import ssl
import time
import uuid
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass
from urllib.parse import quote, urlencode, urlsplit

WAITING, ACCEPTED, PROCESSED, UNKNOWN = -1, 0, 4, 404
PENDING = (WAITING, ACCEPTED)
REASONS = {
    1: "the user at the station cancelled it",
    2: "the station could not open the page that it takes",
    3: "it was removed before a station took it",
    5: "it cannot be done there",
    6: "the station does not respond",
    10: "Dental Desktop failed",
    101: "the integration id is missing",
    102: "the last name is missing",
    103: "the case id is missing",
    104: "there is no such case",
    105: "another patient has this patient id already",
    106: "no patient is mapped under this integration id",
    107: "this integration id is in use already",
    108: "Dental Desktop failed",
    404: "Dental Desktop does not know the operation any more",
}


class DentalDesktopError(Exception):
    """No answer, or one that cannot be used. ``lost`` is true when the call may have worked all the same."""

    def __init__(self, message, lost=False):
        super().__init__(message)
        self.lost = lost


@dataclass(frozen=True)
class Station:
    """A computer with Dental Desktop on it. A busy one takes operations too; its user will see them later."""

    id: str
    hostname: str
    busy: bool
    operator: str


@dataclass(frozen=True)
class Outcome:
    """How an operation ended."""

    code: int
    description: str

    @property
    def processed(self):
        return self.code == PROCESSED

    @property
    def reason(self):
        """For the user. Goes by the number: the description is technical, and its wording may change."""
        return REASONS.get(self.code, self.description or f"status {self.code}")


@dataclass(frozen=True)
class Image:
    case: str
    id: str
    name: str


@dataclass(frozen=True)
class Case:
    id: str
    patient: str
    images: tuple


class DentalDesktop:
    """Calls one server. Every call may raise DentalDesktopError."""

    def __init__(self, url, user, password, authority, thumbprint="", patience_s=120.0, timeout_s=30.0):
        """``url`` ends with /DentalDesktop/WebService; ``authority`` is the file of the certificate to be trusted.

        An operation that no station has taken after ``patience_s`` is withdrawn.
        """
        self._place = urlsplit(url.rstrip("/"))
        self._authorization = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode("ascii")
        self._context = trusting(authority, thumbprint) if self._place.scheme == "https" else None
        self._patience_s, self._timeout_s = patience_s, timeout_s
        self._connection = None

    # -- what the practice software wants ---------------------------------------------------------------------

    def stations(self):
        """The connected stations, for the user to choose from."""
        return [
            Station(
                text(row, "ClientId"), text(row, "Hostname"), text(row, "IsBusy") == "true", text(row, "OperatorName")
            )
            for row in children(self._document("GetAvailableClientList", {}), "ClientInfo")
        ]

    def map_patient(self, patient, station):
        """Creates the patient at a station, whose user may pick one that is there already."""
        return self._operation("CreatePatient", {**patient, "ClientId": station, "MergePatient": "True"})

    def create_patient(self, patient):
        """Creates the patient on the server; nobody is asked."""
        return self._operation("CreatePatient", patient)

    def update_patient(self, patient):
        """Writes all of the patient: what is left out would be erased."""
        return self._operation("UpdatePatient", patient)

    def cases(self, integration_id):
        """All cases of a mapped patient."""
        found = self._document("GetCasesForPatient", {"IntegrationId": integration_id})
        return [case_from(row) for row in children(found, "CaseInfo")]

    def image(self, image):
        """The bytes of a clinical photo."""
        where = {"CaseId": image.case, "AttachedImageId": image.id}
        document = self._document("GetAttachedImage", where)
        return base64.b64decode(document.text or "") if document is not None else b""

    # -- operations and their statuses ------------------------------------------------------------------------

    def _operation(self, method, values):
        """Starts an operation and follows it to its end, however long the user at the station takes."""
        outcome, lost = self._tried(method, values)
        if lost and outcome.code == UNKNOWN:  # it never got there
            outcome, _ = self._tried(method, values)
        return outcome

    def _tried(self, method, values):
        """How it ended, and whether the answer to the call was lost. Each try has an id of its own."""
        identifier, lost = str(uuid.uuid4()), False
        try:
            self._call(method, {**values, "RequestId": identifier})
        except DentalDesktopError as error:
            if not error.lost:
                raise
            lost = True
        return self._followed(identifier), lost

    def _followed(self, identifier):
        """Asks often at first, then every two seconds, until the status is final."""
        pause_s, impatient_at = 0.2, time.monotonic() + self._patience_s
        while True:
            outcome = self._status(identifier)
            if outcome.code not in PENDING:
                return outcome
            if outcome.code == WAITING and time.monotonic() > impatient_at:
                self._withdraw(identifier)
                impatient_at = float("inf")
            time.sleep(pause_s)
            pause_s = min(2.0, pause_s * 1.5)

    def _withdraw(self, identifier):
        """Takes an operation out of the pool; true when it was still there. Its status tells what became of it."""
        answer = self._document("RemoveRequestById", {"Id": identifier})
        return answer is not None and (answer.text or "").strip() == "true"

    def _status(self, identifier):
        row = self._document("GetRequestStatusById", {"Id": identifier})
        try:
            return Outcome(int(text(row, "StatusCode")), text(row, "StatusDescription"))
        except ValueError as error:
            raise DentalDesktopError("the answer holds no status") from error

    # -- HTTP -------------------------------------------------------------------------------------------------

    def _document(self, method, values):
        """The root of the answer; None when it is empty. A question may be asked again: it changes nothing."""
        for left in (2, 1, 0):
            try:
                return parsed(self._call(method, values))
            except DentalDesktopError as error:
                if not (error.lost and left):
                    raise
                time.sleep(0.5)
        return None

    def _call(self, method, values):
        # An empty value is sent as well: it says that there is none. Only None is left out.
        query = urlencode({name: value for name, value in values.items() if value is not None}, quote_via=quote)
        headers = {"Authorization": self._authorization, "Accept": "application/xml"}
        try:
            connection = self._connected()
            connection.request("GET", f"{self._place.path}/{method}?{query}".rstrip("?"), headers=headers)
            answer = connection.getresponse()
            body = answer.read()
        except ssl.SSLCertVerificationError as error:
            raise DentalDesktopError(f"the certificate is not trusted: {error.verify_message}") from error
        except (OSError, http.client.HTTPException) as error:
            self.close()
            raise DentalDesktopError(f"{method} got no answer: {error}", lost=True) from error
        if answer.status == 401:
            raise DentalDesktopError("user name or password is wrong")
        if answer.status >= 500:
            raise DentalDesktopError(f"{method}: HTTP {answer.status}", lost=True)
        if not 200 <= answer.status < 300:
            raise DentalDesktopError(f"{method}: HTTP {answer.status}")
        return body

    def _connected(self):
        """One connection is kept: a handshake for each call would cost more than the call."""
        if self._connection is None:
            place, limit = self._place, self._timeout_s
            if self._context is None:
                self._connection = http.client.HTTPConnection(place.hostname, place.port, timeout=limit)
            else:
                self._connection = http.client.HTTPSConnection(
                    place.hostname, place.port, timeout=limit, context=self._context
                )
        return self._connection

    def close(self):
        """Ends the connection; the next call opens another one."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def trusting(authority, thumbprint):
    """A context that trusts this authority alone, whose SHA-1 has to be ``thumbprint`` where one is given.

    Chain and host name are checked by the library. Since nothing else is trusted, every accepted chain ends here.
    """
    with open(authority, encoding="ascii") as file:
        pem = file.read()
    found = hashlib.sha1(ssl.PEM_cert_to_DER_cert(pem), usedforsecurity=False).hexdigest()
    wanted = thumbprint.replace(":", "").replace(" ", "").lower()
    if wanted and found != wanted:
        raise DentalDesktopError(f"{authority} has the thumbprint {found}; expected {wanted}")
    context = ssl.create_default_context(cadata=pem)
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT  # newer rules than those by which such authorities were made
    return context


def parsed(body):
    """The root element of an answer, without namespaces; None for an empty body."""
    if not body.strip():
        return None
    if b"<!DOCTYPE" in body:
        raise DentalDesktopError("the answer holds a document type, which no answer needs", lost=True)
    try:
        root = ElementTree.fromstring(body)
    except ElementTree.ParseError as error:
        raise DentalDesktopError(f"the answer is no XML: {error}", lost=True) from error
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
    return root


def children(element, name):
    return element.findall(name) if element is not None else []


def text(element, name):
    """The text of a child, '' when it is missing or empty."""
    return (element.findtext(name) or "").strip() if element is not None else ""


def case_from(row):
    images = children(row.find("AttachedImages"), "AttachedImageInfo")
    number = text(row, "CaseId")
    named = tuple(Image(number, text(image, "Id"), text(image, "Name")) for image in images)
    return Case(number, text(row, "PatientName"), named)
