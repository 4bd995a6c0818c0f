// The guide's three workflows, as a practice management system performs them. Node.js 18 or newer, no packages.
//
//     node workflows.mjs [map] [update] [images]        all three when none is named
//
// Environment: THREEDD_URL, THREEDD_USER, THREEDD_PASSWORD, THREEDD_CA (file of the authority's certificate) and
// THREEDD_THUMBPRINT, as `threedd emulator` prints them. THREEDD_PATIENT is the integration id of a patient with images,
// THREEDD_TAKEN_ID a patient id (SSN) that somebody has already; both have a default that suits the emulator.
// THREEDD_PATIENCE_S says after how many seconds an operation that no station takes is withdrawn.
// Exit code: 0 when all of it worked, 1 when something did not, 3 when the set-up is wrong.

import { randomBytes } from "node:crypto";

import { DentalDesktop, DentalDesktopError } from "./dental-desktop.mjs";

const two = (number) => String(number).padStart(2, "0");

/** Somebody new. A real program takes the record, and keeps one integration id per patient for ever. */
function patientOfThePractice(firstName, lastName) {
  const bytes = randomBytes(6);
  const number = bytes.toString("hex");
  return {
    FirstName: firstName,
    LastName: lastName,
    DateOfBirth: `19${10 + (bytes.readUInt16BE(0) % 90)}-${two(1 + (bytes[2] % 12))}-${two(1 + (bytes[3] % 28))}`,
    PatientId: `P-${number}`,
    IntegrationId: `PMS-${number}`,
  };
}

/** The user picks a station, and whoever sits there says which patient of Dental Desktop it is, or a new one. */
async function mapAPatient(server) {
  const stations = await server.stations();
  for (const { hostname, operator, busy } of stations) {
    console.log(`  station ${hostname}, ${operator || "nobody"}${busy ? " (busy)" : ""}`);
  }
  const station = stations.find(({ busy }) => !busy) ?? stations[0];
  if (station === undefined) {
    console.log("map: no station is connected");
    return false;
  }
  const outcome = await server.mapPatient(patientOfThePractice("Mathew", "Fox"), station.id);
  console.log(`map: ${outcome.processed ? "mapped" : outcome.reason}`);
  return outcome.processed;
}

/** A patient id that somebody else has is refused; the user corrects it and sends the patient again. */
async function updateAPatient(server) {
  const patient = patientOfThePractice("Zoë", "Núñez & Søn");
  const created = await server.createPatient(patient);
  if (!created.processed) {
    console.log(`update: the patient could not be created: ${created.reason}`);
    return false;
  }
  const refused = await server.updatePatient({ ...patient, PatientId: process.env.THREEDD_TAKEN_ID ?? "SEED-66-714" });
  console.log(`update: ${refused.reason}`);
  const corrected = await server.updatePatient({ ...patient, FirstName: "Zoë Maria" });
  console.log(`update: ${corrected.processed ? "updated" : corrected.reason}`);
  return refused.code === 105 && corrected.processed;
}

/** All cases of the patient, and every image that they name. */
async function fetchTheImages(server) {
  const cases = await server.cases(process.env.THREEDD_PATIENT ?? "SEED-1001");
  const sizes = [];
  for (const image of cases.flatMap(({ images }) => images)) sizes.push((await server.image(image)).length);
  console.log(`images: ${cases.length} cases, ${sizes.length} images, ${sizes.reduce((sum, size) => sum + size, 0)} bytes`);
  return sizes.length > 0 && sizes.every((size) => size > 0);
}

const WORKFLOWS = { map: mapAPatient, update: updateAPatient, images: fetchTheImages };

function fromEnvironment(name) {
  const value = process.env[name];
  if (value === undefined) throw new DentalDesktopError(`${name} is not set; threedd emulator prints what it has to be.`);
  return value;
}

function connect() {
  return new DentalDesktop({
    url: fromEnvironment("THREEDD_URL"),
    user: fromEnvironment("THREEDD_USER"),
    password: fromEnvironment("THREEDD_PASSWORD"),
    authority: process.env.THREEDD_CA ?? "",
    thumbprint: process.env.THREEDD_THUMBPRINT ?? "",
    patienceMs: 1000 * Number(process.env.THREEDD_PATIENCE_S ?? 120),
  });
}

async function main(names) {
  const unknown = names.find((name) => !(name in WORKFLOWS));
  let server;
  try {
    if (unknown) throw new DentalDesktopError(`${unknown} is no workflow; expected ${Object.keys(WORKFLOWS).join(", ")}.`);
    server = connect();
  } catch (error) {
    console.error(error.message);
    return 3;
  }
  try {
    let worked = true;
    for (const name of names.length ? names : Object.keys(WORKFLOWS)) worked = (await WORKFLOWS[name](server)) && worked;
    return worked ? 0 : 1;
  } catch (error) {
    console.log(`failed: ${error.message}`);
    return 1;
  } finally {
    server.close();
  }
}

process.exitCode = await main(process.argv.slice(2));
