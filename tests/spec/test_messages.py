"""messages.xsd accepts what the guide shows and what it allows, and agrees with openapi.yaml."""

from pathlib import Path

import pytest
from lxml import etree

from conformance.spec import Field, Kind, RecordType, Spec, default_folder, load

GUIDE = Path(__file__).parents[2] / "fixtures" / "guide"
GUID = "5be65d15-31a2-442b-a93b-0bd65ec8abe9"
DAY = "2019-11-14T00:00:00"
STATION = f"<ClientId>{GUID}</ClientId><IsBusy>false</IsBusy><TimeStamp>{DAY}</TimeStamp>"
STATUS = f"<RequestId>{GUID}</RequestId><StatusCode>4</StatusCode>"
CASE = f"<CaseId>{GUID}</CaseId><CaseSentDate>0001-01-01T00:00:00</CaseSentDate><DeliveryDate>{DAY}Z</DeliveryDate>"
SCAN = (
    f"<Id>{GUID}</Id><From>1</From><To>16</To><ScanType>%s</ScanType><Sectioned>false</Sectioned>"
    f"<PhysicallyPrepared>true</PhysicallyPrepared><TimeStamp>{DAY}</TimeStamp>"
)


def stations(fields: str) -> str:
    return f"<ArrayOfClientInfo><ClientInfo>{fields}</ClientInfo></ArrayOfClientInfo>"


def status(fields: str) -> str:
    return f"<RequestStatus>{fields}</RequestStatus>"


def cases(fields: str) -> str:
    return f"<ArrayOfCaseInfo><CaseInfo>{fields}</CaseInfo></ArrayOfCaseInfo>"


def scan(kind: str) -> str:
    return cases(f"{CASE}<SurfaceScans><SurfaceScanInfo>{SCAN % kind}</SurfaceScanInfo></SurfaceScans>")


def indication(first: int, last: int) -> str:
    item = f"<IndicationInfo><From>{first}</From><To>{last}</To></IndicationInfo>"
    return cases(f"{CASE}<Indications>{item}</Indications>")


ACCEPTED = [
    "<ArrayOfClientInfo/>",
    "<ArrayOfCaseInfo/>",
    stations(STATION),
    stations(STATION + "<Modules/><OperatorName/>"),
    status(STATUS),
    status(
        "<StatusCode>-1</StatusCode><StatusDescription>x</StatusDescription>" + f"<RequestId>\n {GUID}\n</RequestId>"
    ),
    cases(CASE),
    cases(f"<IsModelled>true</IsModelled>{CASE}<CaseCreationDate>{DAY}.1234567+02:00</CaseCreationDate>"),
    scan("Jaw"),
    scan("Face"),
    indication(1, 32),
    "<boolean>true</boolean>",
    "<boolean>false</boolean>",
    "<base64Binary>AQID/w==</base64Binary>",
    "<base64Binary>\nAQID\n/w==\n</base64Binary>",
    "<base64Binary/>",
]

REJECTED = [
    "<ArrayOfClientInfo xmlns='urn:x'/>",
    "<Stations/>",
    stations(STATION.replace(GUID, "zzz")),
    stations(STATION.replace("false", "False")),
    stations(STATION + STATION),
    stations(STATION.replace(DAY, "14.11.2019")),
    stations(STATION + "<Colour>red</Colour>"),
    status(STATUS.replace("4</StatusCode>", "four</StatusCode>")),
    status("<StatusCode>4</StatusCode>"),
    scan("jaw"),
    indication(0, 1),
    indication(1, 33),
    "<boolean>True</boolean>",
    "<base64Binary>***</base64Binary>",
    "<base64Binary>AQ*ID/w==</base64Binary>",
    "<base64Binary>A</base64Binary>",
]


@pytest.fixture(scope="module")
def schema() -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(default_folder() / "messages.xsd"))


@pytest.fixture(scope="module")
def spec() -> Spec:
    return load()


@pytest.mark.parametrize("name", ["ClientList.xml", "RequestStatus.xml", "Cases.xml"])
def test_the_guides_own_documents_are_accepted(schema: etree.XMLSchema, name: str) -> None:
    schema.assertValid(etree.parse(GUIDE / name))


@pytest.mark.parametrize("document", ACCEPTED)
def test_accepts(schema: etree.XMLSchema, document: str) -> None:
    schema.assertValid(etree.fromstring(document))


@pytest.mark.parametrize("document", REJECTED)
def test_rejects(schema: etree.XMLSchema, document: str) -> None:
    assert not schema.validate(etree.fromstring(document))


def test_the_schema_has_the_documents_of_the_spec(spec: Spec) -> None:
    assert declared("/xs:schema/xs:element/@name") == sorted(document.root for document in spec.documents)


def test_the_schema_has_the_fields_of_the_spec(spec: Spec) -> None:
    assert {record.name: fields_of(record) for record in spec.records} == {
        record.name: [described(spec, field) for field in record.fields] for record in spec.records
    }


def test_the_schema_has_the_closed_lists_of_the_spec(spec: Spec) -> None:
    values = [value for record in spec.records for field in record.fields for value in field.values]
    assert declared("//xs:enumeration/@value") == sorted(values)


XS = {"xs": "http://www.w3.org/2001/XMLSchema"}
TYPES = {Kind.TEXT: "xs:string", Kind.GUID: "guid", Kind.BOOLEAN: "xs:boolean", Kind.DATE: "xs:dateTime"}


def declared(path: str) -> list[str]:
    found = etree.parse(default_folder() / "messages.xsd").xpath(path, namespaces=XS)
    assert isinstance(found, list)
    return sorted(str(name) for name in found)


def fields_of(record: RecordType) -> list[tuple[str | None, str | None, bool]]:
    tree = etree.parse(default_folder() / "messages.xsd")
    elements = tree.iterfind(f"xs:complexType[@name='{record.name}']/xs:all/xs:element", namespaces=XS)
    return [(e.get("name"), e.get("type"), e.get("minOccurs") == "0") for e in elements]


def described(spec: Spec, field: Field) -> tuple[str, str, bool]:
    return (field.name, type_of(spec, field), field.nullable)


def type_of(spec: Spec, field: Field) -> str:
    if field.kind is Kind.RECORDS:
        return f"ArrayOf{spec.record[field.record].name}"
    if field.kind is Kind.INTEGER:
        return "tooth" if field.maximum else "xs:int"
    return "scanType" if field.values else TYPES[field.kind]
