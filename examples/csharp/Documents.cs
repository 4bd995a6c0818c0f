// The documents of the interface as classes for XmlSerializer, and a reader that accepts them as servers write them.
//
// XmlSerializer takes the elements in any order and passes over those that it does not know: nothing has to be set for
// that. Dates are kept as text, because "never" is written as 0001-01-01T00:00:00, with which a conversion to another
// time zone would fail; `When` turns them into moments where there is one.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Xml;
using System.Xml.Serialization;

namespace Practice
{
    public class ModuleInfo
    {
        public string Id { get; set; }
        public string Title { get; set; }
    }

    public class ClientInfo
    {
        public Guid ClientId { get; set; }
        public string Hostname { get; set; }
        public bool IsBusy { get; set; }
        public List<ModuleInfo> Modules { get; set; }
        public string OperatorName { get; set; }
        public string OperatorId { get; set; }
        public string TimeStamp { get; set; }
    }

    public class RequestStatus
    {
        public Guid RequestId { get; set; }
        public int StatusCode { get; set; }
        public string StatusDescription { get; set; }
    }

    public class AttachedImageInfo
    {
        public Guid Id { get; set; }
        public string Name { get; set; }
        public string TimeStamp { get; set; }
    }

    public class IndicationInfo
    {
        public int From { get; set; }
        public int To { get; set; }
        public string IndicationName { get; set; }
        public string Shade { get; set; }
    }

    public class SurfaceScanInfo
    {
        public Guid Id { get; set; }
        public int From { get; set; }
        public int To { get; set; }
        public string ScanType { get; set; }
        public bool Sectioned { get; set; }
        public bool PhysicallyPrepared { get; set; }
        public string TimeStamp { get; set; }
    }

    public class CaseInfo
    {
        public Guid CaseId { get; set; }
        public string PatientName { get; set; }
        public string PatientIntegrationId { get; set; }
        public string SentToLab { get; set; }
        public string CaseCreationDate { get; set; }
        public string CaseSentDate { get; set; }
        public string DeliveryDate { get; set; }
        public bool IsModelled { get; set; }
        public List<IndicationInfo> Indications { get; set; }
        public List<AttachedImageInfo> AttachedImages { get; set; }
        public List<SurfaceScanInfo> SurfaceScans { get; set; }
    }

    public static class Documents
    {
        // A List<ClientInfo> has the root ArrayOfClientInfo, a bool the root boolean, a byte[] the root base64Binary.
        // Servers write the last two without a namespace or with this one.
        const string Serialization = "http://schemas.microsoft.com/2003/10/Serialization/";

        static readonly Dictionary<string, XmlSerializer> known = new Dictionary<string, XmlSerializer>();

        /// <summary>The value of an answer; null for an empty one, as some servers write an empty list.</summary>
        public static T Read<T>(byte[] body)
        {
            if (body.Length == 0)
                return default(T);
            var settings = new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null };
            using (var reader = XmlReader.Create(new MemoryStream(body), settings))
            {
                reader.MoveToContent();
                return (T)Serializer(typeof(T), reader.NamespaceURI).Deserialize(reader);
            }
        }

        // Making a serializer costs much, and those with a namespace of their own are not kept by the framework.
        static XmlSerializer Serializer(Type type, string found)
        {
            string space = found == Serialization ? Serialization : "";
            lock (known)
            {
                XmlSerializer serializer;
                if (!known.TryGetValue(type.FullName + space, out serializer))
                    known[type.FullName + space] = serializer = new XmlSerializer(type, space);
                return serializer;
            }
        }

        /// <summary>The moment of a date; null for "never", which servers write as one of two minimal values.</summary>
        public static DateTimeOffset? When(string text)
        {
            DateTimeOffset moment;
            if (string.IsNullOrEmpty(text) || text.StartsWith("0001-") || text.StartsWith("1753-"))
                return null;
            bool read = DateTimeOffset.TryParse(
                text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeLocal, out moment);
            return read ? moment : (DateTimeOffset?)null;
        }
    }
}
