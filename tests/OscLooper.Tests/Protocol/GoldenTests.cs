using OscLooper.Osc;

namespace OscLooper.Tests.Protocol;

public class GoldenTests
{
    static IEnumerable<TestCaseData> Lines() => File.ReadLines(Vectors.Folder("protocol", "vectors", "index.txt"))
        .Select(line => line.Split('\t')).Select(fields => new TestCaseData(fields[0], int.Parse(fields[1]), fields[2]).SetArgDisplayNames(fields[0]));

    [TestCaseSource(nameof(Lines))]
    public void A_golden_packet_means_what_the_index_says_and_is_written_so(string file, int size, string meaning)
    {
        var bytes = File.ReadAllBytes(Vectors.Folder("protocol", "vectors", file));
        Assert.That(bytes, Has.Length.EqualTo(size));
        Assert.That(OscPacket.TryParse(bytes, out var packet, out var error), error.ToString());
        Assert.That(packet.ToString(), Is.EqualTo(meaning));
        if (file != "no_type_tags.osc") Assert.That(packet.ToBytes(), Is.EqualTo(bytes));
    }

    [Test]
    public void Every_golden_packet_is_in_the_index() =>
        Assert.That(Directory.GetFiles(Vectors.Folder("protocol", "vectors"), "*.osc").Select(Path.GetFileName), Is.EquivalentTo(Lines().Select(line => line.Arguments[0])));
}
