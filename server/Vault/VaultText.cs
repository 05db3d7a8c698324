using System.Text;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace OscLooper.Server.Vault;

/// <summary>[any] A vault's document as text: JSON whose last word repeats its number, so that half a file is never taken for a whole one.</summary>
static class VaultText
{
    /// <summary>The format that is written. Format 0 was a flat list of addresses and values.</summary>
    public const int Format = 1;
    const int MostDepth = 64;
    static readonly UTF8Encoding utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>[any] The bytes of a document; a number that is none is refused with its path.</summary>
    public static byte[] Write(JObject document)
    {
        RefuseStrangeNumbers(document);
        using var memory = new MemoryStream();
        using (var text = new StreamWriter(memory, utf8, 1 << 14, leaveOpen: true) { NewLine = "\n" })
        using (var json = new JsonTextWriter(text) { Formatting = Formatting.Indented, DateFormatHandling = DateFormatHandling.IsoDateFormat })
        {
            document.WriteTo(json);
            json.Flush();
            text.Write('\n');
        }
        return memory.ToArray();
    }

    /// <summary>[any] Reads what <see cref="Write"/> wrote, or an older version did.</summary>
    public static JObject Read(byte[] bytes)
    {
        var document = Parse(bytes);
        if (document["format"] is not JValue { Type: JTokenType.Integer } format) throw new VaultException("no format is named in it");
        var version = (System.Numerics.BigInteger)Convert.ToDecimal(format.Value is System.Numerics.BigInteger ? long.MaxValue : format.Value);
        if (version > Format) throw new VaultTooNewException($"it was written by a later version (format {format}, this one reads up to {Format})");
        if (version < 0) throw new VaultException($"there is no format {format}");
        if (version == 0) return FromFormat0(document);
        if (SeqOf(document["seq"]) is not { } seq || SeqOf(document["seqEnd"]) != seq) throw new VaultException("its end does not belong to its beginning");
        if (document["imps"] is not JObject) throw new VaultException("it holds no imps");
        return document;
    }

    /// <summary>[any] Any JSON object, strictly read; its numbers are numbers.</summary>
    public static JObject Parse(byte[] bytes)
    {
        try
        {
            using var reader = new JsonTextReader(new StringReader(utf8.GetString(bytes)))
            {
                DateParseHandling = DateParseHandling.None, FloatParseHandling = FloatParseHandling.Double, MaxDepth = MostDepth,
            };
            var document = JObject.Load(reader, new JsonLoadSettings { DuplicatePropertyNameHandling = DuplicatePropertyNameHandling.Error });
            if (reader.Read()) throw new VaultException("something follows its end");
            RefuseStrangeNumbers(document);
            return document;
        }
        catch (Exception e) when (e is JsonException or DecoderFallbackException or ArgumentException or OverflowException or FormatException)
        {
            throw new VaultException(e.Message.ReplaceLineEndings(" "));
        }
    }

    /// <summary>[any] The number of a document; 0 when it has none.</summary>
    public static long Seq(JObject? document) => SeqOf(document?["seq"]) ?? 0;

    static long? SeqOf(JToken? token) => token is JValue { Type: JTokenType.Integer, Value: long seq and >= 0 } ? seq : null;

    static void RefuseStrangeNumbers(JToken token)
    {
        foreach (var value in token is JContainer container ? container.DescendantsAndSelf().OfType<JValue>() : [(JValue)token])
            if (value.Value is double d && !double.IsFinite(d) || value.Value is float f && !float.IsFinite(f))
                throw new VaultException($"{value.Path} is {value.Value}, which is no number that can be kept");
    }

    // { "format": 0, "values": { "/gain/level": -6 } }: an imp of its own for each first part.
    static JObject FromFormat0(JObject old)
    {
        var imps = new JObject();
        foreach (var (address, value) in old["values"] as JObject ?? [])
        {
            if (address.TrimStart('/').Split('/', 2) is not [var imp, var name]) continue;
            if (imps[imp] is not JObject) imps[imp] = new JObject { ["module"] = imp, ["data"] = new JObject { ["values"] = new JObject() } };
            imps[imp]!["data"]!["values"]![name] = value?.DeepClone();
        }
        return new JObject { ["format"] = Format, ["seq"] = SeqOf(old["seq"]) ?? 0, ["imps"] = imps, ["seqEnd"] = SeqOf(old["seq"]) ?? 0 };
    }
}
