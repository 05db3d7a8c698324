using System.Diagnostics;
using System.Text;
using OscLooper.Reaper.Build;
using OscLooper.Reaper.Import;
using OscLooper.Reaper.Plugins;
using OscLooper.Reaper.Rpp;
using OscLooper.Reaper.Song;

namespace OscLooper.Bench;

/// <summary>[main] Reading and writing REAPER projects: a file of 2.4 MB made of the track blocks of real ones (of our own example where those are absent).</summary>
static class RppBench
{
    const int WantedBytes = 2_400_000, Rounds = 31;

    public static void Run(string[] _)
    {
        var tracks = Tracks(out var from);
        var text = new StringBuilder("<REAPER_PROJECT 0.1 \"7.38/linux-x86_64\" 1700000000\r\n  TEMPO 120 4 4 0\r\n");
        for (var i = 0; text.Length < WantedBytes; i++) text.Append(tracks[i % tracks.Count]);
        var bytes = Encoding.Latin1.GetBytes(text.Append(">\r\n").ToString());

        var document = RppDocument.Parse(bytes);
        var (read, write, edit, import, build) = (new Sample(), new Sample(), new Sample(), new Sample(), new Sample());
        for (var round = 0; round < Rounds; round++)
        {
            read.Add(Milliseconds(() => document = RppDocument.Parse(bytes)));
            byte[] written = [];
            write.Add(Milliseconds(() => written = document.ToBytes()));
            if (!written.AsSpan().SequenceEqual(bytes)) throw new InvalidOperationException("the file was written differently");
            edit.Add(Milliseconds(() =>
            {
                foreach (var track in document.Project!.Blocks("TRACK")) track.Line("VOLPAN")?.Set(1, 0.5);
            }));
        }
        var before = GC.GetAllocatedBytesForCurrentThread();
        RppDocument.Parse(bytes);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        var registry = PluginRegistry.Load();
        var song = new SongDefinition();
        for (var t = 0; t < 100; t++)
        {
            var notes = Enumerable.Range(0, 1000).Select(n => new SongNote { Pitch = (long)(36 + n % 48), Start = n, Duration = 1 }).ToList();
            song.Tracks.Add(new() { Name = "t" + t, Clips = [new() { Position = 0, Length = 1001, Midi = new() { Notes = notes } }] });
        }
        BuiltProject? built = null;
        for (var round = 0; round < 9; round++)
        {
            build.Add(Milliseconds(() => built = SongBuilder.Build(song, registry, 1)));
            import.Add(Milliseconds(() => ProjectImport.Read(built!.Document, registry)));
        }
        Console.WriteLine($"project of {bytes.Length / 1e6:F2} MB, {tracks.Count} track blocks from {from}, repeated; {Rounds} rounds: median (95 %, largest)");
        Print("read", read, "asked: < 150");
        Print("written, the same bytes", write, "asked: < 100");
        Print("a volume changed in every track", edit, "");
        Console.WriteLine($"reading allocates                  {allocated / (double)bytes.Length,8:F2} bytes for each byte of the file");
        Print("100 tracks of 1,000 notes built", build, $"{built!.Document.ToBytes().Length / 1e6:F1} MB");
        Print("the same imported as a song", import, "");
    }

    static void Print(string what, Sample sample, string note) =>
        Console.WriteLine($"{what,-34} {sample.At(0.5),8:F2} ms ({sample.At(0.95):F2}, {sample.At(1):F2})   {note}");

    static double Milliseconds(Action work)
    {
        var start = Stopwatch.GetTimestamp();
        work();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    static List<string> Tracks(out string from)
    {
        var root = RunningServer.Root;
        var real = Path.Combine(Path.GetDirectoryName(root)!, "shared", "data", "rpp-third-party");
        var files = Directory.Exists(real) ? Directory.GetFiles(real, "*.RPP", new EnumerationOptions { MatchCasing = MatchCasing.CaseInsensitive }) : [Path.Combine(root, "examples", "pop", "song.rpp")];
        from = $"{files.Length} {(Directory.Exists(real) ? "real files" : "example")}";
        var tracks = new List<string>();
        foreach (var file in files.Order(StringComparer.Ordinal))
            foreach (var track in RppDocument.Parse(File.ReadAllBytes(file)).Project?.Blocks("TRACK") ?? [])
            {
                var one = new RppDocument();
                one.Roots.Add(track);
                tracks.Add(Encoding.Latin1.GetString(one.ToBytes()));
            }
        return tracks;
    }
}
