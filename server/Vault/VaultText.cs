using System.Globalization;
using System.Text;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;
using OscLooper.Dsp;

namespace OscLooper.Server.Vault;

/// <summary>[any] A vault's document as text: JSON whose last word repeats its number, so that half a file is never taken for a whole one.</summary>
static class VaultText
{
    /// <summary>The format that is written. Format 0 was a flat list of addresses and values.</summary>
    public const int Format = 1;
    const int MostDepth = 64, SumDigits = 8;
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
        var bytes = memory.ToArray();
        if (PlaceOfSum(bytes, document) is var place and >= 0)
        {
            bytes.AsSpan(place, SumDigits).Fill((byte)'0');
            utf8.GetBytes(Checksum.Of(bytes).ToString("x8", CultureInfo.InvariantCulture), bytes.AsSpan(place));
        }
        return bytes;
    }

    /// <summary>[any] What <see cref="Write"/> fills in: the checksum of the whole text, this place taken for zeros. With its number, so that a program that does not know it may save in between.</summary>
    public static JValue Sum(long seq) => new($"{seq} {new string('0', SumDigits)}");

    /// <summary>[any] The text is another than the one that was written; false also where it does not say.</summary>
    public static bool IsChanged(byte[] bytes, JObject document)
    {
        if (document["sum"] is not JValue { Value: string sum } || !sum.StartsWith($"{Seq(document)} ", StringComparison.Ordinal)) return false;
        var place = PlaceOfSum(bytes, document);
        if (place < 0) return true;
        var written = bytes.ToArray();
        written.AsSpan(place, SumDigits).Fill((byte)'0');
        return !sum.EndsWith(Checksum.Of(written).ToString("x8", CultureInfo.InvariantCulture), StringComparison.Ordinal);
    }

    // It stands behind all else but the number that ends it.
    static int PlaceOfSum(ReadOnlySpan<byte> bytes, JObject document)
    {
        if (document["sum"] is not JValue { Value: string sum } || sum.Length <= SumDigits) return -1;
        ReadOnlySpan<byte> wanted = utf8.GetBytes($"\"sum\": \"{sum[..^SumDigits]}");
        var place = bytes.LastIndexOf(wanted) + wanted.Length;
        return place < wanted.Length || place + SumDigits > bytes.Length ? -1 : place;
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
            using var reader = new JsonTextReader(new StringReader(utf8.GetString(WithoutMark(bytes))))
            {
                DateParseHandling = DateParseHandling.None, FloatParseHandling = FloatParseHandling.Double, MaxDepth = MostDepth,
            };
            var document = JObject.Load(reader, new JsonLoadSettings { DuplicatePropertyNameHandling = DuplicatePropertyNameHandling.Error, LineInfoHandling = LineInfoHandling.Ignore });
            if (reader.Read()) throw new VaultException("something follows its end");
            RefuseStrangeNumbers(document);
            return document;
        }
        catch (Exception e) when (e is JsonException or DecoderFallbackException or ArgumentException or OverflowException or FormatException)
        {
            throw new VaultException(e.Message.ReplaceLineEndings(" "));
        }
    }

    /// <summary>[any] Some editors put a mark (U+FEFF) before a text.</summary>
    public static ReadOnlySpan<byte> WithoutMark(ReadOnlySpan<byte> text) => text.StartsWith("\uFEFF"u8) ? text[3..] : text;

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
