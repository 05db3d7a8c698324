using System.Diagnostics;
using System.Runtime.InteropServices;
using OscLooper.Osc;
using OscLooper.Server;
using OscLooper.Server.Addressing;
using OscLooper.Server.Realm;
using OscLooper.Testing;
using OscLooper.Tests.Dsp;

namespace OscLooper.Tests.Server.Soaking;

/// <summary>
/// A living server with all instruments and a vault, without sockets. The test's thread is main; another one is the sound card and plays as fast as it may,
/// so that hours of frames pass in minutes while workers, background threads and imps' threads run beside it as they do live.
/// </summary>
sealed unsafe class SoakStage : IDisposable
{
    const int Block = 128, Rate = 48000;
    readonly TemporaryFolder folder;
    readonly bool ownsFolder;
    readonly Thread audio;
    readonly double speed;
    volatile bool ends;

    /// <summary>Speed: how many times faster than real time at most.</summary>
    public SoakStage(double speed, int channels = 16, TemporaryFolder? folder = null)
    {
        (this.speed, ownsFolder) = (speed, folder is null);
        this.folder = folder ?? new TemporaryFolder();
        Directory.CreateDirectory(this.folder["files"]);
        Server = new(new() { OscPort = 0, Quiet = true, Prompt = true, Channels = channels, MemoryMib = 512, Vault = this.folder["vault"], Folders = [this.folder["files"]] },
            [("looper", at => new OscLooper.Looper.LooperModule(at)), ("bard", at => new OscLooper.Bard.BardModule(at)), ("synth", at => new OscLooper.Synth.SynthModule(at)),
                ("controller", at => new OscLooper.Enchanter.ControllerModule(at)), ("enchanter", at => new OscLooper.Enchanter.EnchanterModule(at)), ("reaper", at => new OscLooper.Reaper.ReaperModule(at))]);
        Server.Logged = Hear;
        Client = Server.Connect("soak");
        audio = new Thread(Play) { Name = "audio", IsBackground = true };
        audio.Start();
    }

    public OscLooper.Server.Server Server { get; }
    public LocalClient Client { get; }
    public List<string> Lines { get; } = [];
    public List<string> Faults { get; } = [];
    public string this[string name] => folder[name];

    /// <summary>How much has been played.</summary>
    public double Seconds => Server.Engine.Status.Frame / (double)Rate;

    /// <summary>Respawns that were not made because a busy machine was too slow for them: the old one stays, nothing is wrong.</summary>
    public int Refusals { get; private set; }

    void Hear(LogLevel level, string line)
    {
        if (level < LogLevel.Warning) return;
        lock (Lines) Lines.Add($"{Seconds:0.0} {level}: {line}");
        if (level != LogLevel.Error) return;
        if (line.Contains("not respawned", StringComparison.Ordinal) && line.Contains("needs more than", StringComparison.Ordinal))
        {
            Refusals++;
            return;
        }
        // An exception of the audio side has its stack in the engine.
        var imp = Server.Realm.Imps.FirstOrDefault(i => line.StartsWith(i.Name + ":", StringComparison.Ordinal));
        if (line.Contains("faulted", StringComparison.Ordinal) || line.Contains("quarantined", StringComparison.Ordinal) || line.Contains("Exception", StringComparison.Ordinal) && !line.Contains(nameof(TimeoutException), StringComparison.Ordinal))
            Faults.Add($"at {Seconds:0.0} s: {line}\n{(imp is null ? null : Server.Engine.FaultOf(imp.Slot))}");
    }

    /// <summary>Numbers of the channels that are there.</summary>
    public IReadOnlyList<int> ChannelNumbers
    {
        get
        {
            var client = Server.Connect("list");
            client.Send("/looper/channels");
            Until(() => client.Replies.Any(r => r.Message.Address == "/done"), "/looper/channels");
            Server.Farewell(client);
            return [.. client.Replies.Where(r => r.Message.Address == "/looper/channels.item").Select(r => (int)r.Message.Arguments[0].Number)];
        }
    }

    /// <summary>What leaves say; those that are not there are left out.</summary>
    public Dictionary<string, string> Values(IEnumerable<string> addresses)
    {
        var (client, all) = (Server.Connect("values"), addresses.ToList());
        foreach (var address in all) client.Send(address);
        Until(() => client.Replies.Count >= all.Count, "questions");
        Server.Farewell(client);
        return client.Replies.Select(r => r.Message).Where(m => m.Address != "/fail").GroupBy(m => m.Address).ToDictionary(g => g.Key, g => string.Join(' ', g.First().Arguments.Select(v => v.ToString())));
    }

    /// <summary>Main goes round until it is so.</summary>
    public void Until(Func<bool> isSo, string what, double seconds = 120)
    {
        for (var clock = Stopwatch.StartNew(); !isSo();)
        {
            Server.Pump();
            if (clock.Elapsed.TotalSeconds > seconds) throw new AssertionException($"{what}: not within {seconds} s; {string.Join("\n", Lines.TakeLast(20))}");
            if (!isSo()) Thread.Sleep(0);
        }
    }

    /// <summary>Sends a job and waits for its answer.</summary>
    public OscMessage Ask(string address, params OscValue[] arguments)
    {
        var client = Server.Connect("ask");
        client.Send(new OscMessage(address, arguments));
        OscMessage? answer = null;
        Until(() => (answer ??= client.Replies.Select(r => r.Message).FirstOrDefault(m => m.Address is "/done" or "/fail")) is not null, address);
        Server.Farewell(client);
        return answer!;
    }

    public bool IsActive(string imp) => Server.Realm.Find(imp)?.State == ImpState.Active;

    void Play()
    {
        OscLooper.Server.Realtime.Engine.EnterThread();
        float** ins = Table(), outs = Table();
        var random = new Random(1);
        var clock = Stopwatch.StartNew();
        for (var frame = 0L; !ends; frame += Block)
        {
            for (var i = 0; i < Block; i++) ins[0][i] = ins[1][i] = frame / Rate % 4 == 0 ? 0 : (float)(random.NextDouble() - 0.5) * 0.2f;
            Server.Engine.Process(ins, outs, Block);
            while (!ends && frame > clock.Elapsed.TotalSeconds * Rate * speed) Thread.Sleep(0);
        }
    }

    // A worker that was at it when the server ended may still write.
    void Remove()
    {
        for (var tries = 0; ; tries++)
            try
            {
                folder.Dispose();
                return;
            }
            catch (IOException) when (tries < 50)
            {
                Thread.Sleep(100);
            }
    }

    static float** Table()
    {
        var table = (float**)NativeMemory.AllocZeroed(2, (nuint)sizeof(float*));
        for (var lane = 0; lane < 2; lane++) table[lane] = (float*)NativeMemory.AllocZeroed(Block, sizeof(float));
        return table;
    }

    public void Dispose()
    {
        ends = true;
        audio.Join();
        Server.Dispose();
        if (ownsFolder) Remove();
    }
}
