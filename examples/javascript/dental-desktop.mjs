// A client of Dental Desktop's integration interface, for a practice management system. Node.js 18 or newer, no packages.
//
// What it takes care of, and what is easily done wrong:
// - only the clinic's own authority is trusted, and its thumbprint is compared without regard to letter case;
// - every value is percent-encoded as UTF-8, and dates are written year first;
// - every operation gets an id of its own, and its status is asked for until it is final;
// - what no station takes is withdrawn in the end, and not carried out hours later;
// - an answer that got lost is no failure: the operation may have been carried out, so its status is looked up first;
// - documents are read by the names of their elements, in any order, and what is unknown is passed over.

import { randomUUID, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import { setTimeout as pause } from "node:timers/promises";

import { all, parse, text, XmlError } from "./xml.mjs";

const WAITING = -1;
const PENDING = [WAITING, 0]; // 0: a station has taken it
const PROCESSED = 4;
const UNKNOWN = 404;
const REASONS = {
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
};

/** No answer, or one that cannot be used. `lost` is true when the call may have worked all the same. */
export class DentalDesktopError extends Error {
  constructor(message, lost = false) {
    super(message);
    this.lost = lost;
  }
}

/** How an operation ended. The reason goes by the number: the description is technical, its wording may change. */
export class Outcome {
  constructor(code, description) {
    this.code = code;
    this.processed = code === PROCESSED;
    this.reason = REASONS[code] ?? (description || `status ${code}`);
  }
}

export class DentalDesktop {
  /** `url` ends with /DentalDesktop/WebService; `authority` is the file of the certificate to be trusted.
   *  An operation that no station has taken after `patienceMs` is withdrawn. */
  constructor({ url, user, password, authority, thumbprint = "", patienceMs = 120_000, timeoutMs = 30_000 }) {
    this.url = url.replace(/\/+$/, "");
    this.authorization = "Basic " + Buffer.from(`${user}:${password}`, "utf-8").toString("base64");
    this.patienceMs = patienceMs;
    this.timeoutMs = timeoutMs;
    const secure = this.url.startsWith("https:");
    this.client = secure ? https : http;
    // One connection is kept: a handshake for each call would cost more than the call.
    const trust = secure ? trusting(authority, thumbprint) : {};
    this.agent = new this.client.Agent({ keepAlive: true, maxSockets: 1, ...trust });
  }

  // -- what the practice software wants -----------------------------------------------------------------------

  /** The connected stations, for the user to choose from. A busy one takes operations too. */
  async stations() {
    return all(await this.#document("GetAvailableClientList", {}), "ClientInfo").map((row) => ({
      id: text(row, "ClientId"),
      hostname: text(row, "Hostname"),
      busy: text(row, "IsBusy") === "true",
      operator: text(row, "OperatorName"),
    }));
  }

  /** Creates the patient at a station, whose user may pick one that is there already. */
  mapPatient(patient, station) {
    return this.#operation("CreatePatient", { ...patient, ClientId: station, MergePatient: "True" });
  }

  /** Creates the patient on the server; nobody is asked. */
  createPatient(patient) {
    return this.#operation("CreatePatient", patient);
  }

  /** Writes all of the patient: what is left out would be erased. */
  updatePatient(patient) {
    return this.#operation("UpdatePatient", patient);
  }

  /** All cases of a mapped patient, with the images that they name. */
  async cases(integrationId) {
    return all(await this.#document("GetCasesForPatient", { IntegrationId: integrationId }), "CaseInfo").map((row) => ({
      id: text(row, "CaseId"),
      patient: text(row, "PatientName"),
      images: all(all(row, "AttachedImages")[0], "AttachedImageInfo").map((image) => ({
        caseId: text(row, "CaseId"),
        id: text(image, "Id"),
        name: text(image, "Name"),
      })),
    }));
  }

  /** The bytes of a clinical photo. */
  async image({ caseId, id }) {
    const root = await this.#document("GetAttachedImage", { CaseId: caseId, AttachedImageId: id });
    return Buffer.from(root === null ? "" : root.text, "base64");
  }

  /** Ends the connection that was kept. */
  close() {
    this.agent.destroy();
  }

  // -- operations and their statuses --------------------------------------------------------------------------

  /** Starts an operation and follows it to its end, however long the user at the station takes. */
  async #operation(method, values) {
    const first = await this.#tried(method, values);
    if (!(first.lost && first.outcome.code === UNKNOWN)) return first.outcome;
    return (await this.#tried(method, values)).outcome; // it never got there
  }

  /** How it ended, and whether the answer to the call was lost. Each try has an id of its own. */
  async #tried(method, values) {
    const id = randomUUID();
    let lost = false;
    try {
      await this.#call(method, { ...values, RequestId: id });
    } catch (error) {
      if (!error.lost) throw error;
      lost = true;
    }
    return { outcome: await this.#followed(id), lost };
  }

  /** Asks often at first, then every two seconds, until the status is final. */
  async #followed(id) {
    let impatientAt = Date.now() + this.patienceMs;
    for (let pauseMs = 200; ; pauseMs = Math.min(2000, pauseMs * 1.5)) {
      const row = await this.#document("GetRequestStatusById", { Id: id });
      const code = Number.parseInt(text(row, "StatusCode"), 10);
      if (Number.isNaN(code)) throw new DentalDesktopError("the answer holds no status");
      if (!PENDING.includes(code)) return new Outcome(code, text(row, "StatusDescription"));
      if (code === WAITING && Date.now() > impatientAt) {
        await this.#withdraw(id);
        impatientAt = Infinity;
      }
      await pause(pauseMs);
    }
  }

  /** Takes an operation out of the pool; true when it was still there. Its status tells what became of it. */
  async #withdraw(id) {
    return (await this.#document("RemoveRequestById", { Id: id }))?.text.trim() === "true";
  }

  // -- HTTP ---------------------------------------------------------------------------------------------------

  /** The root of the answer; null when it is empty. A question may be asked again: it changes nothing. */
  async #document(method, values) {
    for (let left = 2; ; left -= 1) {
      try {
        return parse((await this.#call(method, values)).toString("utf-8"));
      } catch (error) {
        if (!((error.lost || error instanceof XmlError) && left > 0)) throw error;
        await pause(500);
      }
    }
  }

  #call(method, values) {
    // An empty value is sent as well: it says that there is none. Only undefined is left out.
    const query = Object.entries(values)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
      .join("&");
    const headers = { Authorization: this.authorization, Accept: "application/xml" };
    const options = { agent: this.agent, headers, timeout: this.timeoutMs };
    return new Promise((resolve, reject) => {
      const failed = (error) => reject(isTrust(error) ? notTrusted(error) : lostBy(method, error));
      const request = this.client.get(`${this.url}/${method}${query && "?" + query}`, options, (answer) => {
        const chunks = [];
        answer.on("data", (chunk) => chunks.push(chunk));
        answer.on("error", failed);
        answer.on("end", () => {
          const status = answer.statusCode;
          if (status >= 200 && status < 300) resolve(Buffer.concat(chunks));
          else if (status === 401) reject(new DentalDesktopError("user name or password is wrong"));
          else reject(new DentalDesktopError(`${method}: HTTP ${status}`, status >= 500));
        });
      });
      request.on("timeout", () => request.destroy(new Error("it took too long")));
      request.on("error", failed);
    });
  }
}

/** Trusts this authority alone, whose SHA-1 has to be `thumbprint` where one is given. Since nothing else is trusted, every
 *  accepted chain ends here; chain and host name are checked by the library. */
function trusting(authority, thumbprint) {
  const ca = readFileSync(authority);
  const found = plain(new X509Certificate(ca).fingerprint);
  if (thumbprint !== "" && found !== plain(thumbprint)) {
    throw new DentalDesktopError(`${authority} has the thumbprint ${found}; expected ${plain(thumbprint)}`);
  }
  return { ca };
}

const plain = (thumbprint) => thumbprint.replace(/[: ]/g, "").toLowerCase();
const isTrust = (error) => /CERT|SIGNATURE|ALTNAME|ISSUER/.test(error.code ?? "");
const notTrusted = (error) => new DentalDesktopError(`the certificate is not trusted: ${error.message}`);
const lostBy = (method, error) => new DentalDesktopError(`${method} got no answer: ${error.message}`, true);
