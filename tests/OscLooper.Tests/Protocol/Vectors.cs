using System.Globalization;
using System.Text.Json;
using OscLooper.Osc;

namespace OscLooper.Tests.Protocol;

/// <summary>The cases of data/*.json.</summary>
static class Vectors
{
    public static IEnumerable<TestCaseData> Packets() => Read("packets.json", item => item.GetProperty("name").GetString()!);

    public static IEnumerable<TestCaseData> SpecificationPackets() => Read("packets-specification.json", item => item.GetProperty("name").GetString()!);

    /// <summary>Of each pattern, which of the addresses it matches.</summary>
    public static IEnumerable<TestCaseData> SpecificationPatterns()
    {
        using var document = JsonDocument.Parse(File.ReadAllText(Folder("tests", "OscLooper.Tests", "Protocol", "data", "patterns-specification.json")));
        string[] addresses = [.. document.RootElement.GetProperty("addresses").EnumerateArray().Select(a => a.GetString()!)];
        foreach (var pattern in document.RootElement.GetProperty("patterns").EnumerateObject())
            yield return new TestCaseData(pattern.Name, addresses, pattern.Value.EnumerateArray().Select(a => a.GetString()!).ToArray()).SetArgDisplayNames($"\"{pattern.Name}\"");
    }

    public static IEnumerable<TestCaseData> Patterns() =>
        Read("patterns.json", item => $"{item.GetProperty("pattern")} with {item.GetProperty("address")}");

    /// <summary>All valid packets, to grow random ones from.</summary>
    public static byte[][] PacketBytes() =>
        [.. Packets().Select(test => Convert.FromHexString(((JsonElement)test.Arguments[0]!).GetProperty("hex").GetString()!))];

    static IEnumerable<TestCaseData> Read(string file, Func<JsonElement, string> name)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(Folder("tests", "OscLooper.Tests", "Protocol", "data", file)));
        foreach (var item in document.RootElement.EnumerateArray())
        {
            var text = name(item);
            yield return new TestCaseData(item.Clone()).SetArgDisplayNames(text.Length > 80 ? text[..80] : text);
        }
    }

    /// <summary>A folder of the repository.</summary>
    public static string Folder(params string[] below) => Path.Combine([Checkout.Root, .. below]);

    /// <summary>A packet in the words of packets.json.</summary>
    public static string Describe(OscPacket packet) => packet switch
    {
        OscBundle bundle => $"{{\"timetag\":\"0x{bundle.TimeTag.Raw:x16}\",\"elements\":[{string.Join(",", bundle.Elements.Select(Describe))}]}}",
        OscMessage message => $"{{\"address\":{Quote(message.Address)},\"tags\":{Quote(message.Tags)},\"args\":[{Arguments(message)}]}}",
        _ => "?",
    };

    static string Arguments(OscMessage message) =>
        string.Join(",", message.Arguments.Select(Describe)).Replace("[,", "[").Replace(",]", "]");

    static string Describe(OscValue value) => value.Tag switch
    {
        'i' => value.Whole.ToString(CultureInfo.InvariantCulture),
        'h' => $"{{\"int64\":\"{value.Whole}\"}}",
        'f' or 'd' when double.IsFinite(value.Number) => value.Number.ToString("R", CultureInfo.InvariantCulture),
        'f' => $"{{\"float\":\"{(double.IsNaN(value.Number) ? "nan" : value.Number > 0 ? "inf" : "-inf")}\"}}",
        's' => Quote(value.Text),
        'S' => $"{{\"symbol\":{Quote(value.Text)}}}",
        'b' => $"{{\"blob\":\"{Convert.ToHexStringLower(value.Blob)}\"}}",
        't' => $"{{\"timetag\":\"0x{value.Time.Raw:x16}\"}}",
        'c' => $"{{\"char\":{value.Whole}}}",
        'r' => $"{{\"rgba\":\"#{(uint)value.Whole:X8}\"}}",
        'm' => $"{{\"midi\":\"{(uint)value.Whole:x8}\"}}",
        'T' => "true",
        'F' => "false",
        'N' => "null",
        'I' => "{\"impulse\":true}",
        _ => value.Tag.ToString(),
    };

    static string Quote(string text) => JsonSerializer.Serialize(text);
}
