using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using OscLooper.Dsp;
using OscLooper.Tests;

namespace OscLooper.SystemTests;

/// <summary>A line of tests/Scores/scores.tsv.</summary>
public sealed record Score(string Name, string Seconds, string Input, string Modules, int Frames, double LevelDecibels, double Peak, string Hash, string Model)
{
    public const int Rate = 48000;
    public static readonly string Place = Path.Combine(Checkout.Root, "tests", "Scores");

    public static IReadOnlyList<Score> All { get; } = [.. Rows("scores.tsv").Select(c => new Score(c[0], c[1], c[2], c[3],
        int.Parse(c[4], CultureInfo.InvariantCulture), Number(c[5]), Number(c[6]), c[7], c[8]))];

    public override string ToString() => Name;

    static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    static IEnumerable<string[]> Rows(string file) => File.ReadLines(Path.Combine(Place, file)).Where(l => l.Length > 0 && l[0] != '#').Select(l => l.Split('\t'));

    /// <summary>Renders in a folder of its own; nothing may be said on the way.</summary>
    public Rendered Render(int block = 128, params (string Name, string Value)[] environment)
    {
        using var folder = new Folder();
        string[] words = ["render", "--score", Path.Combine(Place, $"{Name}.txt"), "--output", "out.wav", "--seconds", Seconds, "--modules", Modules, "--block", $"{block}"];
        if (Input != "-")
        {
            var sound = WriteInput(folder, Rows("inputs.tsv").Single(c => c[0] == Input));
            words = [.. words, "--input", sound];
        }
        using var process = Programs.Start(Programs.Server, folder.Path, environment, words);
        process.StandardInput.Close();
        var ended = Programs.End(process, 120_000);
        Assert.That((ended.ExitCode, ended.Error), Is.EqualTo((0, "")), Name);
        using var rendered = SoundFile.ReadAll(folder.Of("out.wav"));
        var samples = new float[rendered.Frames * rendered.Lanes];
        for (var i = 0; i < samples.Length; i++) samples[i] = rendered.Lane(i % rendered.Lanes)[i / rendered.Lanes];
        return new(samples, rendered.Frames);
    }

    static string WriteInput(Folder folder, string[] row)
    {
        var path = folder.Of($"{row[0]}.wav");
        var frames = (int)(Number(row[1]) * Rate);
        var samples = new float[2 * frames];
        for (var lane = 0; lane < 2; lane++)
        {
            var sum = new double[frames];
            foreach (var sine in row[2 + lane].Split(' '))
            {
                var parts = sine.Split('*', '@', '-').Select(Number).ToArray();
                for (var i = (int)(parts[2] * Rate); i < (int)(parts[3] * Rate); i++) sum[i] += parts[1] * Math.Sin(2 * Math.PI * parts[0] * i / Rate);
            }
            for (var i = 0; i < frames; i++) samples[2 * i + lane] = (float)sum[i];
        }
        using var file = SoundFile.Create(path, SoundFormat.WavFloat, 2, Rate);
        file.Write(samples);
        file.Commit();
        return path;
    }

    /// <summary>What the independent model says of each score; null where there is no python3.</summary>
    public static IReadOnlyDictionary<string, double?>? Modelled()
    {
        var start = new ProcessStartInfo("python3", [Path.Combine(Place, "model.py")]) { RedirectStandardOutput = true };
        Process? process;
        try
        {
            process = Process.Start(start);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
        using (process)
        {
            var lines = process!.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
            process.WaitForExit();
            Assert.That(process.ExitCode, Is.Zero);
            return lines.Select(l => l.Split('\t')).ToDictionary(c => c[0], c => c[1] == "-" ? (double?)null : Number(c[1]));
        }
    }
}

/// <summary>What a render brought.</summary>
public sealed record Rendered(float[] Samples, int Frames)
{
    public double LevelDecibels => 10 * Math.Log10(Samples.Sum(x => (double)x * x) / Samples.Length);
    public double Peak => Samples.Max(Math.Abs);
    public string Hash => Convert.ToHexStringLower(SHA256.HashData(System.Runtime.InteropServices.MemoryMarshal.AsBytes(Samples.AsSpan())));

    /// <summary>As it stands in scores.tsv.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Frames}\t{LevelDecibels:F3}\t{Peak:F6}\t{Hash}");
}
