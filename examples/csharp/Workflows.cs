// The guide's three workflows, as a practice management system performs them. .NET Framework 4.6 or Mono 6.
//
//     mcs -r:System.Xml.dll -out:workflows.exe *.cs        (csc takes the same options)
//     mono workflows.exe [map] [update] [images]           all three when none is named
//
// Environment: THREEDD_URL, THREEDD_USER, THREEDD_PASSWORD, THREEDD_CA (file of the authority's certificate) and
// THREEDD_THUMBPRINT, as `threedd emulator` prints them. THREEDD_PATIENT is the integration id of a patient with images,
// THREEDD_TAKEN_ID a patient id (SSN) that somebody has already; both have a default that suits the emulator.
// THREEDD_PATIENCE_S says after how many seconds an operation that no station takes is withdrawn.
// Exit code: 0 when all of it worked, 1 when something did not, 3 when the set-up is wrong.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Security.Cryptography;

namespace Practice
{
    public static class Workflows
    {
        static readonly Dictionary<string, Func<DentalDesktop, bool>> workflows =
            new Dictionary<string, Func<DentalDesktop, bool>>
            {
                { "map", MapAPatient },
                { "update", UpdateAPatient },
                { "images", FetchTheImages },
            };

        public static int Main(string[] names)
        {
            var unknown = names.FirstOrDefault(name => !workflows.ContainsKey(name));
            if (unknown != null)
                return Wrong(unknown + " is no workflow; expected " + string.Join(", ", workflows.Keys) + ".");
            DentalDesktop server;
            try
            {
                server = new DentalDesktop(
                    Given("THREEDD_URL"), Given("THREEDD_USER"), Given("THREEDD_PASSWORD"),
                    Or("THREEDD_CA", ""), Or("THREEDD_THUMBPRINT", ""),
                    double.Parse(Or("THREEDD_PATIENCE_S", "120"), CultureInfo.InvariantCulture));
            }
            catch (Exception error)
            {
                return Wrong(error.Message);
            }
            try
            {
                bool worked = true;
                foreach (var name in names.Length > 0 ? names : workflows.Keys.ToArray())
                    worked &= workflows[name](server);
                return worked ? 0 : 1;
            }
            catch (DentalDesktopException error)
            {
                Console.WriteLine("failed: " + error.Message);
                return 1;
            }
        }

        /// <summary>The user picks a station, and whoever sits there says which patient of Dental Desktop it is.</summary>
        static bool MapAPatient(DentalDesktop server)
        {
            var stations = server.Stations();
            foreach (var each in stations)
            {
                var modules = string.Join(", ", (each.Modules ?? new List<ModuleInfo>()).Select(module => module.Title));
                Console.WriteLine("  station " + each.Hostname + (each.IsBusy ? " (busy)" : "") + ": " + modules);
            }
            var station = stations.FirstOrDefault(each => !each.IsBusy) ?? stations.FirstOrDefault();
            if (station == null)
            {
                Console.WriteLine("map: no station is connected");
                return false;
            }
            var outcome = server.MapPatient(PatientOfThePractice("Mathew", "Fox"), station.ClientId);
            Console.WriteLine("map: " + (outcome.Processed ? "mapped" : outcome.Reason));
            return outcome.Processed;
        }

        /// <summary>A patient id that somebody else has is refused; the user corrects it and sends it again.</summary>
        static bool UpdateAPatient(DentalDesktop server)
        {
            var patient = PatientOfThePractice("Zoë", "Núñez & Søn");
            var created = server.CreatePatient(patient);
            if (!created.Processed)
            {
                Console.WriteLine("update: the patient could not be created: " + created.Reason);
                return false;
            }
            string own = patient.PatientId;
            patient.PatientId = Or("THREEDD_TAKEN_ID", "SEED-66-714");
            var refused = server.UpdatePatient(patient);
            Console.WriteLine("update: " + refused.Reason);
            patient.PatientId = own;
            var corrected = server.UpdatePatient(patient);
            Console.WriteLine("update: " + (corrected.Processed ? "updated" : corrected.Reason));
            return refused.Code == 105 && corrected.Processed;
        }

        /// <summary>All cases of the patient, and every image that they name.</summary>
        static bool FetchTheImages(DentalDesktop server)
        {
            var cases = server.Cases(Or("THREEDD_PATIENT", "SEED-1001"));
            foreach (var each in cases)
            {
                var sent = Documents.When(each.CaseSentDate);
                string told = sent == null ? "never sent" : "sent " + sent.Value.ToString("yyyy-MM-dd");
                Console.WriteLine("  case of " + each.PatientName + ", " + told);
            }
            var sizes = new List<int>();
            foreach (var each in cases)
                foreach (var image in each.AttachedImages ?? new List<AttachedImageInfo>())
                    sizes.Add(server.Image(each.CaseId, image.Id).Length);
            Console.WriteLine("images: " + cases.Count + " cases, " + sizes.Count + " images, " + sizes.Sum() + " bytes");
            return sizes.Count > 0 && sizes.All(size => size > 0);
        }

        /// <summary>Somebody new. A real program takes the record, and keeps one integration id for ever.</summary>
        static Patient PatientOfThePractice(string firstName, string lastName)
        {
            var bytes = new byte[6];
            using (var random = RandomNumberGenerator.Create())
                random.GetBytes(bytes);
            string number = BitConverter.ToString(bytes).Replace("-", "").ToLowerInvariant();
            var born = new DateTime(1910, 1, 1).AddDays((bytes[0] * 256 + bytes[1]) % 36000);
            return new Patient
            {
                FirstName = firstName,
                LastName = lastName,
                DateOfBirth = born.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
                PatientId = "P-" + number,
                IntegrationId = "PMS-" + number,
            };
        }

        static string Given(string name)
        {
            var value = Environment.GetEnvironmentVariable(name);
            if (value == null)
                throw new InvalidDataException(name + " is not set; threedd emulator prints what it has to be.");
            return value;
        }

        static string Or(string name, string otherwise)
        {
            return Environment.GetEnvironmentVariable(name) ?? otherwise;
        }

        static int Wrong(string problem)
        {
            Console.Error.WriteLine(problem);
            return 3;
        }
    }
}
