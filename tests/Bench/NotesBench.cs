using System.Runtime.InteropServices;
using OscLooper.Bard;
using OscLooper.Osc;
using OscLooper.Server;
using OscLooper.Server.Realtime;
using OscLooper.Synth;

namespace OscLooper.Bench;

/// <summary>[main] What notes cost: the bard at its busiest, the synth with all its voices.</summary>
static unsafe class NotesBench
{
    const int Block = 128, Blocks = 8000;
    const double BlockMicroseconds = Block / 48000.0 * 1e6;

    /// <summary>[audio] Hears the first output and the drums, to show that they play.</summary>
    sealed class Counter(Branch at) : Module
    {
        readonly NotesIn notes = at.NotesIn("notes");
        internal long Heard;

        public override void Process(in Block block)
        {
            foreach (ref readonly var note in block.Notes(notes))
                if (note.IsOn) Heard++;
        }
    }

    public static void Run(string[] _)
    {
        var none = Cost([], []);
        Console.WriteLine($"no module                              {none.Mean,8:F2} us per block of {Block}");
        var arps = string.Join(',', Enumerable.Range(1, 16).Select(i => $$"""
            "a{{i}}":[{"style":"arp","rate":"1/32","octaves":3,"pattern":"updown","swing":{{50 + i}}},{"style":"out","output":{{1 + i % 8}}}]
            """));
        var sources = string.Join(',', Enumerable.Range(1, 16).Select(i => $"\"{i}\":\"a{i}\""));
        List<OscMessage> busy = [new("/bard/arrangement", "{\"sources\":{" + sources + "},\"arrangements\":{" + arps + "}}"), new("/bard/drum/on", 1)];
        for (var lane = 1; lane <= 16; lane++)
        {
            busy.Add(new($"/bard/drum/lane/{lane}/rate", "1/32"));
            for (var step = 1; step <= 16; step++) busy.Add(new("/bard/drum/step", lane, step, 100f));
            for (var key = 0; key < 6; key++) busy.Add(new("/bard/note", 48 + 3 * key, 100f, lane));
        }
        foreach (var (name, messages) in new[] { ("bard, nothing to do", new List<OscMessage>()), ("bard, 16 arps and 16 drum lanes, 1/32", busy) })
        {
            Counter? counter = null;
            var cost = Cost([("bard", at => new BardModule(at)), ("counter", at => counter = new Counter(at))], messages);
            Console.WriteLine($"{name,-38} {cost.Mean,8:F2} us on average, 95 % of blocks {cost.Most:F2}, 99 % {cost.NearlyAll:F2} (asked: 20), longest {cost.Longest:F2}; {cost.Bytes} bytes allocated; heard {counter!.Heard / cost.Seconds:F0} notes a second on the first output");
        }
        foreach (var voice in new[] { "keys", "pad", "lead", "square" })
        {
            List<OscMessage> chord = [new("/synth/voice", voice), new("/synth/sustain", 1f)];
            for (var key = 0; key < 32; key++) chord.Add(new("/synth/note", 36 + 2 * key, 100f));
            var cost = Cost([("synth", at => new SynthModule(at))], chord);
            Console.WriteLine($"synth, 32 voices of {voice,-18} {cost.Mean,8:F2} us = {(cost.Mean - none.Mean) / BlockMicroseconds:P2} of a core (asked: 3 %); {cost.Bytes} bytes allocated");
        }
    }

    readonly record struct Figures(double Mean, double Most, double NearlyAll, double Longest, long Bytes, double Seconds);

    static Figures Cost((string, Func<Branch, Module>)[] modules, List<OscMessage> messages)
    {
        using var server = new Server.Server(new ServerOptions { Offline = false, OscPort = 0, Quiet = true }, modules);
        var lanes = (float*)NativeMemory.AllocZeroed(2 * Block * sizeof(float));
        var outputs = stackalloc float*[2] { lanes, lanes + Block };
        server.Engine.WarmUp();
        Server.Realtime.Engine.EnterThread();
        var client = server.Connect("bench");
        var times = new double[Blocks];
        var played = 0;
        var engine = server.Engine;
        foreach (var message in messages)
        {
            client.Send(message.Address, message.Arguments);
            server.Settle();
            engine.Process(null, outputs, Block);
            played++;
        }
        for (var i = 0; i < 2000; i++) engine.Process(null, outputs, Block);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < Blocks; i++)
        {
            var start = ThreadClock.Nanoseconds;
            engine.Process(null, outputs, Block);
            times[i] = (ThreadClock.Nanoseconds - start) / 1e3;
        }
        var bytes = GC.GetAllocatedBytesForCurrentThread() - before;
        server.Settle();
        NativeMemory.Free(lanes);
        var mean = times.Average();
        Array.Sort(times);
        return new(mean, times[Blocks * 95 / 100], times[Blocks * 99 / 100], times[^1], bytes, (played + 2000 + Blocks) * Block / 48000.0);
    }
}
