// A client of Dental Desktop's integration interface, for a practice management system. .NET Framework 4.6 or Mono 6.
//
// What it takes care of, and what is easily done wrong:
// - the chain is validated, and the thumbprint of its root compared without regard to letter case: Thumbprint is upper
//   case, so the comparison in the guide's example never succeeds with the constant that stands there;
// - every value is percent-encoded as UTF-8, and dates are written year first;
// - every operation gets an id of its own, and its status is asked for until it is final;
// - what no station takes is withdrawn in the end, and not carried out hours later;
// - an answer that got lost is no failure: the operation may have been carried out, so its status is looked up first.

using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Threading;

namespace Practice
{
    /// <summary>No answer, or one that cannot be used. Lost: the call may have worked all the same.</summary>
    public class DentalDesktopException : Exception
    {
        public readonly bool Lost;

        public DentalDesktopException(string message, bool lost = false, Exception cause = null) : base(message, cause)
        {
            Lost = lost;
        }
    }

    /// <summary>How an operation ended.</summary>
    public class Outcome
    {
        public const int Waiting = -1, Accepted = 0, Success = 4, Unknown = 404;

        static readonly Dictionary<int, string> reasons = new Dictionary<int, string>
        {
            { 1, "the user at the station cancelled it" },
            { 2, "the station could not open the page that it takes" },
            { 3, "it was removed before a station took it" },
            { 5, "it cannot be done there" },
            { 6, "the station does not respond" },
            { 10, "Dental Desktop failed" },
            { 101, "the integration id is missing" },
            { 102, "the last name is missing" },
            { 103, "the case id is missing" },
            { 104, "there is no such case" },
            { 105, "another patient has this patient id already" },
            { 106, "no patient is mapped under this integration id" },
            { 107, "this integration id is in use already" },
            { 108, "Dental Desktop failed" },
            { 404, "Dental Desktop does not know the operation any more" },
        };

        readonly string description;

        public Outcome(RequestStatus status)
        {
            Code = status.StatusCode;
            description = status.StatusDescription;
        }

        public int Code { get; private set; }

        public bool Processed { get { return Code == Success; } }

        /// <summary>For the user. Goes by the number: the description is technical, its wording may change.</summary>
        public string Reason
        {
            get
            {
                string reason;
                if (reasons.TryGetValue(Code, out reason))
                    return reason;
                return string.IsNullOrEmpty(description) ? "status " + Code : description.Trim();
            }
        }
    }

    /// <summary>What the practice knows of a patient. A null is left out of a call, "" says that there is none.</summary>
    public class Patient
    {
        public string FirstName, LastName, DateOfBirth, PatientId, IntegrationId;

        public Dictionary<string, string> Parameters()
        {
            return new Dictionary<string, string>
            {
                { "FirstName", FirstName },
                { "LastName", LastName },
                { "DateOfBirth", DateOfBirth },
                { "PatientId", PatientId },
                { "IntegrationId", IntegrationId },
            };
        }
    }

    /// <summary>Calls one server. Every call may throw DentalDesktopException.</summary>
    public class DentalDesktop
    {
        const int TimeoutMs = 30000, Tries = 3;
        static readonly bool onMono = Type.GetType("Mono.Runtime") != null;

        readonly string url, authorization;
        readonly X509Certificate2 authority;
        readonly string thumbprint;
        readonly TimeSpan patience;

        /// <summary>
        /// The url ends with /DentalDesktop/WebService; authority is the file of the root certificate. An operation that
        /// no station has taken after patienceS seconds is withdrawn.
        /// </summary>
        public DentalDesktop(string url, string user, string password, string authority, string thumbprint,
            double patienceS = 120)
        {
            this.url = url.TrimEnd('/');
            patience = TimeSpan.FromSeconds(patienceS);
            this.thumbprint = Plain(thumbprint);
            authorization = "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes(user + ":" + password));
            if (url.StartsWith("https:"))
            {
                this.authority = new X509Certificate2(File.ReadAllBytes(authority));
                if (onMono)
                    TellMono(this.authority);
            }
            // Old versions of the framework offer TLS 1.0 unless they are told otherwise.
            ServicePointManager.SecurityProtocol = SecurityProtocolType.Tls12;
        }

        // -- what the practice software wants -----------------------------------------------------------------

        /// <summary>The connected stations, for the user to choose from. A busy one takes operations too.</summary>
        public List<ClientInfo> Stations()
        {
            return Ask<List<ClientInfo>>("GetAvailableClientList") ?? new List<ClientInfo>();
        }

        /// <summary>Creates the patient at a station, whose user may pick one that is there already.</summary>
        public Outcome MapPatient(Patient patient, Guid station)
        {
            var parameters = patient.Parameters();
            parameters["ClientId"] = station.ToString();
            parameters["MergePatient"] = "True";
            return Operation("CreatePatient", parameters);
        }

        /// <summary>Creates the patient on the server; nobody is asked.</summary>
        public Outcome CreatePatient(Patient patient)
        {
            return Operation("CreatePatient", patient.Parameters());
        }

        /// <summary>Writes all of the patient: what is left out would be erased.</summary>
        public Outcome UpdatePatient(Patient patient)
        {
            return Operation("UpdatePatient", patient.Parameters());
        }

        /// <summary>All cases of a mapped patient, with the images that they name.</summary>
        public List<CaseInfo> Cases(string integrationId)
        {
            return Ask<List<CaseInfo>>("GetCasesForPatient", "IntegrationId", integrationId) ?? new List<CaseInfo>();
        }

        /// <summary>The bytes of a clinical photo.</summary>
        public byte[] Image(Guid caseId, Guid imageId)
        {
            string image = imageId.ToString();
            return Ask<byte[]>("GetAttachedImage", "CaseId", caseId.ToString(), "AttachedImageId", image) ?? new byte[0];
        }

        // -- operations and their statuses --------------------------------------------------------------------

        /// <summary>Starts an operation and follows it to its end, however long the user at the station takes.</summary>
        Outcome Operation(string method, Dictionary<string, string> parameters)
        {
            bool lost;
            var outcome = Tried(method, parameters, out lost);
            if (lost && outcome.Code == Outcome.Unknown) // it never got there
                outcome = Tried(method, parameters, out lost);
            return outcome;
        }

        /// <summary>How it ended. Lost: there was no answer to the call. Each try has an id of its own.</summary>
        Outcome Tried(string method, Dictionary<string, string> parameters, out bool lost)
        {
            var operation = Guid.NewGuid();
            parameters["RequestId"] = operation.ToString();
            lost = false;
            try
            {
                Call(method, parameters);
            }
            catch (DentalDesktopException error)
            {
                if (!error.Lost)
                    throw;
                lost = true;
            }
            return Followed(operation);
        }

        /// <summary>Asks often at first, then every two seconds, until the status is final.</summary>
        Outcome Followed(Guid operation)
        {
            var waiting = Stopwatch.StartNew();
            bool withdrawn = false;
            for (int pauseMs = 200; ; pauseMs = Math.Min(2000, pauseMs * 3 / 2))
            {
                var status = Ask<RequestStatus>("GetRequestStatusById", "Id", operation.ToString());
                if (status == null)
                    throw new DentalDesktopException("the answer holds no status");
                if (status.StatusCode != Outcome.Waiting && status.StatusCode != Outcome.Accepted)
                    return new Outcome(status);
                if (status.StatusCode == Outcome.Waiting && !withdrawn && waiting.Elapsed > patience)
                {
                    Withdraw(operation);
                    withdrawn = true;
                }
                Thread.Sleep(pauseMs);
            }
        }

        /// <summary>Takes an operation out of the pool; true when it was still there. Its status tells the rest.</summary>
        bool Withdraw(Guid operation)
        {
            return Ask<bool>("RemoveRequestById", "Id", operation.ToString());
        }

        // -- HTTP ---------------------------------------------------------------------------------------------

        /// <summary>Names and values follow each other. A question may be asked again: it changes nothing.</summary>
        T Ask<T>(string method, params string[] parameters)
        {
            var given = new Dictionary<string, string>();
            for (int i = 0; i < parameters.Length; i += 2)
                given[parameters[i]] = parameters[i + 1];
            for (int left = Tries - 1; ; left--)
            {
                try
                {
                    return Documents.Read<T>(Call(method, given));
                }
                catch (DentalDesktopException error)
                {
                    if (!error.Lost || left == 0)
                        throw;
                }
                catch (InvalidOperationException error) // no XML, or not the document that was expected
                {
                    if (left == 0)
                        throw new DentalDesktopException(method + ": the answer cannot be read", false, error);
                }
                catch (System.Xml.XmlException error)
                {
                    if (left == 0)
                        throw new DentalDesktopException(method + ": the answer is no XML", false, error);
                }
                Thread.Sleep(500);
            }
        }

        byte[] Call(string method, Dictionary<string, string> parameters)
        {
            var given = parameters.Where(each => each.Value != null);
            string query = string.Join("&", given.Select(each => each.Key + "=" + Uri.EscapeDataString(each.Value)));
            var request = (HttpWebRequest)WebRequest.Create(url + "/" + method + (query == "" ? "" : "?" + query));
            request.Headers["Authorization"] = authorization;
            request.Accept = "application/xml";
            request.Timeout = request.ReadWriteTimeout = TimeoutMs;
            request.Proxy = null; // the server stands in the clinic
            request.AllowAutoRedirect = false; // the credentials are for this server alone
            request.ServerCertificateValidationCallback = IsTrusted;
            try
            {
                using (var answer = (HttpWebResponse)request.GetResponse())
                    return Body(method, answer);
            }
            catch (WebException error)
            {
                throw Explained(method, error);
            }
            catch (IOException error)
            {
                throw new DentalDesktopException(method + ": the answer broke off", true, error);
            }
        }

        static byte[] Body(string method, HttpWebResponse answer)
        {
            if ((int)answer.StatusCode >= 300)
                throw new DentalDesktopException(method + ": HTTP " + (int)answer.StatusCode);
            var body = new MemoryStream();
            using (var stream = answer.GetResponseStream())
                stream.CopyTo(body);
            if (answer.ContentLength > body.Length)
                throw new DentalDesktopException(method + ": the answer broke off", true);
            return body.ToArray();
        }

        static DentalDesktopException Explained(string method, WebException error)
        {
            var answer = error.Response as HttpWebResponse;
            if (error.Status == WebExceptionStatus.TrustFailure)
                return new DentalDesktopException("the certificate is not trusted", false, error);
            if (answer == null)
                return new DentalDesktopException(method + " got no answer: " + error.Message, true, error);
            int status = (int)answer.StatusCode;
            answer.Close();
            if (status == 401)
                return new DentalDesktopException("user name or password is wrong", false, error);
            return new DentalDesktopException(method + ": HTTP " + status, status >= 500, error);
        }

        // -- trust --------------------------------------------------------------------------------------------

        /// <summary>
        /// True when name, dates and signatures are right and the chain ends in the clinic's authority. A thumbprint by
        /// itself proves nothing: whoever has seen the authority's certificate can present it after a forged one.
        /// </summary>
        bool IsTrusted(object sender, X509Certificate certificate, X509Chain chain, SslPolicyErrors errors)
        {
            if (certificate == null || (errors & ~SslPolicyErrors.RemoteCertificateChainErrors) != SslPolicyErrors.None)
                return false;
            if (errors != SslPolicyErrors.None)
            {
                chain = onMono ? null : WithAuthority(certificate);
                if (chain == null)
                    return false;
            }
            var root = chain.ChainElements[chain.ChainElements.Count - 1].Certificate;
            bool ours = root.RawData.SequenceEqual(authority.RawData);
            return ours && (thumbprint == "" || Plain(root.Thumbprint) == thumbprint);
        }

        /// <summary>The chain built anew; null when anything but its unknown root is wrong with it.</summary>
        X509Chain WithAuthority(X509Certificate certificate)
        {
            var chain = new X509Chain();
            chain.ChainPolicy.ExtraStore.Add(authority);
            chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
            chain.ChainPolicy.VerificationFlags = X509VerificationFlags.AllowUnknownCertificateAuthority;
            return chain.Build(new X509Certificate2(certificate)) ? chain : null;
        }

        /// <summary>Mono builds no chains with elliptic curves; its TLS library does, once it is told whom to trust.</summary>
        static void TellMono(X509Certificate2 authority)
        {
            var type = Type.GetType("Mono.Security.Interface.MonoTlsSettings, Mono.Security", true);
            var settings = type.GetProperty("DefaultSettings").GetValue(null, null);
            type.GetProperty("TrustAnchors").SetValue(settings, new X509CertificateCollection { authority }, null);
            type.GetProperty("DefaultSettings").SetValue(null, settings, null);
        }

        static string Plain(string thumbprint)
        {
            return (thumbprint ?? "").Replace(" ", "").Replace(":", "").ToLowerInvariant();
        }
    }
}
