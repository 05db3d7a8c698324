namespace OscLooper.Bench;

/// <summary>[main] Prints the figures that the issues name; each line says what was asked and what was seen.</summary>
public static class Program
{
    static readonly (string Verb, string Says, Action<string[]> Run)[] Verbs =
    [
        ("loops", "cost of playing, overdubbing and idle stereo loops in a block of 128 frames", LoopCost.Run),
        ("guard", "cost of looking whether what an imp plays is sound, a port of two lanes and a block of 128 frames", GuardCost.Run),
        ("offline", "64 stereo loops rendered on one core, times real time", OfflineSpeed.Run),
        ("decode", "decode, look-up among 10,000 addresses and three arguments", DecodeCost.Run),
        ("micro", "the inner loops under BenchmarkDotNet (slow)", args => BenchmarkDotNet.Running.BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args)),
        ("live", "a server on a JACK dummy device: ping, record to state, loop length, time-tagged bundles, 512 loops", Live.Run),
        ("notes", "cost of the bard with 16 arpeggios and 16 drum lanes, and of the synth with 32 voices", NotesBench.Run),
        ("keys", "from a key of a fake keyboard on JACK MIDI to its sound", KeysBench.Run),
        ("pads", "cost of the controllers, and from a pad of a fake APC on JACK MIDI to its light and to the loop", PadsBench.Run),
        ("fluid", "64 voices of a SoundFont here and in the bare library, in one run", FluidBench.Run),
        ("rpp", "a REAPER project of 2.4 MB read and written", RppBench.Run),
        ("beside", "the same loops in SooperLooper, side by side (through tests/Bench/side_by_side)", Beside.Run),
        ("session", "64 stereo loops, 10 minutes in all, saved and loaded while they play", SessionBench.Run),
        ("making", "bursts that make imps, channels, presets, a song: another client's ping, memory before, at most and a minute after", Making.Run),
        ("hangs", "endless code of a module, in our process and in one of its own: when a subscriber is told", Hangs.Run),
        ("flood", "nothing lost over TCP and UDP, and one client's flood beside another's ping", Flood.Run),
    ];

    /// <summary>[main] The verb names the figures; none runs all but micro, beside, making and hangs.</summary>
    public static int Main(string[] args)
    {
        if (args is ["-h" or "--help"])
        {
            Console.WriteLine("usage: OscLooper.Bench [VERB ...]\n");
            foreach (var (verb, says, _) in Verbs) Console.WriteLine($"  {verb,-8} {says}");
            return 0;
        }
        if (args is ["micro", .. var rest])
        {
            Verbs.Single(v => v.Verb == "micro").Run(rest);
            return 0;
        }
        if (args is ["beside", .. var how])
        {
            Beside.Run(how);
            return 0;
        }
        foreach (var name in args.Length > 0 ? args : [.. Verbs.Select(v => v.Verb).Where(v => v is not ("micro" or "beside" or "making" or "hangs"))])
        {
            var verb = Verbs.FirstOrDefault(v => v.Verb == name);
            if (verb.Run is null)
            {
                Console.Error.WriteLine($"{name} is no verb; --help lists them");
                return 2;
            }
            Console.WriteLine($"# {verb.Verb}: {verb.Says}");
            verb.Run([]);
            Console.WriteLine();
        }
        return 0;
    }
}
