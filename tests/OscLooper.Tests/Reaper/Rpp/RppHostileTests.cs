using System.Text;
using OscLooper.Reaper.Rpp;

namespace OscLooper.Tests.Reaper.Rpp;

public class RppHostileTests
{
    /// <summary>20,000 by default; OSCLOOPER_SOAK=50 makes it the million.</summary>
    [Test]
    public void Mutated_files_end_in_a_document_or_the_declared_error()
    {
        var seeds = SharedFolder.RealProjects().Select(File.ReadAllBytes).Where(b => b.Length < 14_000).ToList();
        seeds.Add(Encoding.UTF8.GetBytes("<REAPER_PROJECT 0.1 \"7/x\" 1\r\n  <TRACK {A}\r\n    NAME `a \"' b`\r\n    <NAME\r\n      |x\r\n    >\r\n  >\r\n>\r\n"));
        var random = new Random(20261121);
        var count = 20_000 * Soak.Times;
        var refused = 0;
        for (var i = 0; i < count; i++)
        {
            var bytes = Mutate(seeds[random.Next(seeds.Count)], random);
            try
            {
                var document = RppDocument.Parse(bytes);
                if (!document.ToBytes().AsSpan().SequenceEqual(bytes)) Assert.Fail($"round {i}: a file that was read is written differently");
                foreach (var track in document.Project?.Blocks("TRACK") ?? []) Touch(track);
            }
            catch (RppError) { refused++; }
        }
        TestContext.Out.WriteLine($"{count} mutated files: {refused} refused, {count - refused} read, nothing else thrown");
        Assert.That(refused, Is.GreaterThan(0).And.LessThan(count));
    }

    [Test]
    public void Deep_nesting_is_refused_before_it_hurts()
    {
        var deep = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("<A\n", 1_000_000)));
        Assert.That(Assert.Throws<RppError>(() => RppDocument.Parse(deep))!.Message, Does.Contain("deeper"));
    }

    [Test]
    public void A_million_blank_lines_cost_one_line()
    {
        var document = RppDocument.Parse(Encoding.ASCII.GetBytes(new string('\n', 1_000_000)));
        Assert.That(document.Roots, Has.Count.EqualTo(1));
    }

    static void Touch(RppBlock track)
    {
        _ = track.String("NAME");
        foreach (var line in track.Children.OfType<RppLine>())
        {
            _ = line.Tokens();
            _ = line.Number(1);
        }
        if (track.Line("VOLPAN") is { } volume && volume.At(1) is not null) volume.Set(1, 0.5);
    }

    static byte[] Mutate(byte[] seed, Random random)
    {
        var bytes = new List<byte>(seed);
        for (var n = random.Next(1, 6); n > 0 && bytes.Count > 0; n--)
        {
            var at = random.Next(bytes.Count);
            switch (random.Next(6))
            {
                case 0: bytes[at] = (byte)random.Next(256); break;
                case 1: bytes.RemoveRange(at, Math.Min(random.Next(1, 200), bytes.Count - at)); break;
                case 2: bytes.Insert(at, (byte)"<>\"'`\n\r |\0"[random.Next(10)]); break;
                case 3: bytes.RemoveRange(at, bytes.Count - at); break;
                case 4: bytes.InsertRange(at, bytes.GetRange(at, Math.Min(random.Next(300), bytes.Count - at))); break;
                default: bytes[at] ^= (byte)(1 << random.Next(8)); break;
            }
        }
        return [.. bytes];
    }
}
