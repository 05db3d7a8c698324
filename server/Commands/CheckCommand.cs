using System.CommandLine;
using System.Globalization;
using System.Runtime.InteropServices;
using Spectre.Console;

namespace OscLooper.Server.Commands;

using Command = System.CommandLine.Command;

/// <summary>[main] <c>osclooper check</c>: what is installed, what is missing, and the one line that gets it.</summary>
static class CheckCommand
{
    const long WantedUdpBuffer = 4 << 20;

    sealed record Finding(string What, bool IsThere, string Says);

    static readonly (string Library, string Package, string For)[] Libraries =
    [
        ("libjack.so.0", "libjack-jackd2-0", "sound through JACK (the server itself: package jackd2)"),
        ("libportaudio.so.2", "libportaudio2", "sound through PortAudio (ALSA, PulseAudio)"),
        ("librtmidi.so.6", "librtmidi6", "MIDI devices without JACK (ALSA sequencer)"),
        ("libfluidsynth.so.3", "libfluidsynth3", "SoundFonts (module fluid)"),
        ("libsndfile.so.1", "libsndfile1", "FLAC, OGG, MP3, AIFF; plain WAV works without it"),
    ];

    public static Command Make()
    {
        var check = new Command("check", "Shows what is installed, what is missing, and how to get it.");
        check.SetAction(_ => Run());
        return check;
    }

    static int Run()
    {
        var findings = new List<Finding>();
        var advice = new List<(string Why, string Line)>();
        if (OperatingSystem.IsLinux())
        {
            LookForLibraries(findings, advice);
            LookAtUdp(findings, advice);
            LookAtLimits(findings, advice);
        }
        var modules = Realm.ModuleLibrary.List(line => advice.Add((line, ""))).Select(m => m.Name).ToArray();
        findings.Add(new("modules", modules.Length > 0, string.Join(' ', modules)));

        Show(findings);
        foreach (var (why, line) in advice)
        {
            Console.WriteLine();
            Console.WriteLine(why);
            if (line.Length > 0) Console.WriteLine($"    {line}");
        }
        return CommandLine.Well;
    }

    static void LookForLibraries(List<Finding> findings, List<(string, string)> advice)
    {
        var missing = new List<string>();
        foreach (var (library, package, purpose) in Libraries)
        {
            var isThere = NativeLibrary.TryLoad(library, out var handle);
            if (isThere) NativeLibrary.Free(handle);
            else missing.Add(package);
            findings.Add(new(library, isThere, purpose));
        }
        var jackd = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, "jackd")));
        findings.Add(new("jackd", jackd, "the JACK server, for the shortest delay"));
        if (!jackd) missing.Add("jackd2");
        var pipeWire = Audio.JackLibraries.PipeWireFile is not null || Audio.JackLibraries.IsPipeWire(out _);
        findings.Add(new("PipeWire's libjack", pipeWire, "sound and MIDI through PipeWire, where it runs and no JACK server does"));
        if (!pipeWire) missing.Add("pipewire-jack");
        findings.Add(new("PipeWire", Audio.JackLibraries.PipeWireSocket is not null, Audio.JackLibraries.PipeWireSocket ?? "no socket of a running PipeWire (of another session, say)"));
        var sequencer = File.Exists("/dev/snd/seq");
        findings.Add(new("/dev/snd/seq", sequencer, "the ALSA sequencer, for MIDI devices without JACK"));
        if (!sequencer) advice.Add(("To get the ALSA sequencer (a container may not have it at all):", "sudo modprobe snd-seq"));
        string[] fontFolders = ["/usr/share/sounds/sf2", "/usr/share/sounds/sf3", "/usr/share/soundfonts"];
        var font = fontFolders.Where(Directory.Exists).SelectMany(Directory.EnumerateFiles).FirstOrDefault(f => f.Contains(".sf", StringComparison.Ordinal));
        findings.Add(new("SoundFont", font is not null, font ?? "for the module fluid; --soundfont FILE takes any"));
        if (font is null) missing.Add("timgm6mb-soundfont");
        if (missing.Count > 0) advice.Add(("To get what is missing (all of it is optional):", $"sudo apt-get install -y {string.Join(' ', missing)}"));
    }

    static void LookAtUdp(List<Finding> findings, List<(string, string)> advice)
    {
        if (!TryRead("/proc/sys/net/core/rmem_max", out var text) || !long.TryParse(text.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var most)) return;
        findings.Add(new("net.core.rmem_max", most >= WantedUdpBuffer, $"{most} bytes; a flood of UDP messages needs {WantedUdpBuffer}"));
        if (most < WantedUdpBuffer) advice.Add(("To allow the UDP buffer that loses nothing (until the next start of the machine):", $"sudo sysctl -w net.core.rmem_max={WantedUdpBuffer}"));
    }

    static void LookAtLimits(List<Finding> findings, List<(string, string)> advice)
    {
        if (!TryRead("/proc/self/limits", out var limits)) return;
        var priority = LimitOf(limits, "Max realtime priority");
        var memory = LimitOf(limits, "Max locked memory");
        var isRoot = Environment.UserName == "root";
        var mayHurry = isRoot || (long.TryParse(priority, out var most) ? most >= 70 : priority == "unlimited");
        var mayLock = isRoot || memory == "unlimited";
        findings.Add(new("rtprio", mayHurry, isRoot ? "root may use any priority" : $"{priority}; the audio thread wants 70 or more"));
        findings.Add(new("memlock", mayLock, isRoot ? "root may lock any memory" : $"{memory}; unlimited keeps loops out of the swap"));
        if (!mayHurry || !mayLock)
            advice.Add(("To allow realtime priority and locked memory (log in again afterwards):",
                @"printf '@audio - rtprio 95\n@audio - memlock unlimited\n' | sudo tee /etc/security/limits.d/60-osclooper.conf && sudo usermod -aG audio ""$USER"""));
    }

    // The soft limit: the first word behind the name.
    static string LimitOf(string limits, string name) =>
        limits.Split('\n').FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal)) is { } found
            ? found[name.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0]
            : "?";

    static bool TryRead(string file, out string text)
    {
        text = "";
        try
        {
            text = File.ReadAllText(file);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { return false; }
    }

    static void Show(List<Finding> findings)
    {
        if (Console.IsOutputRedirected)
        {
            foreach (var f in findings) Console.WriteLine($"{(f.IsThere ? "ok     " : "missing")} {f.What,-20} {f.Says}");
            return;
        }
        var table = new Table().Border(TableBorder.Rounded).AddColumns("", "", "");
        table.HideHeaders();
        foreach (var f in findings) table.AddRow(f.IsThere ? "[green]ok[/]" : "[yellow]missing[/]", Markup.Escape(f.What), Markup.Escape(f.Says));
        AnsiConsole.Write(table);
    }
}
