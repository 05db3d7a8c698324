using System.Diagnostics;
using OscLooper.Osc;
using OscLooper.Server;
using OscLooper.Server.Addressing;
using OscLooper.Server.Realm;
using OscLooper.Server.Realtime;

namespace OscLooper.Tests.Server.Realm;

/// <summary>A living server without sockets: the test's thread is main, another one is the sound card, modules are real DLLs in a folder of their own.</summary>
sealed unsafe class RealmStage : IDisposable
{
    const int Block = 128;
    public static readonly string TestModules = Path.Combine(AppContext.BaseDirectory, "test-modules");

    readonly Thread audio;
    readonly LocalClient client;
    volatile bool ends;
    float last, largestStep, loudest;
    bool hasLast;

    public RealmStage(ServerOptions? options = null, params string[] imps)
    {
        Folder = Directory.CreateTempSubdirectory("osclooper-realm-").FullName;
        Directory.CreateDirectory(Modules);
        foreach (var dll in Directory.GetFiles(TestModules, "*.dll")) File.Copy(dll, Path.Combine(Modules, Path.GetFileName(dll)));
        Server = new((options ?? new()) with { OscPort = 0, Quiet = true, Outputs = 1, Inputs = 1, ModulesFolder = Modules, Modules = options?.RealmFile is { Length: > 0 } ? [] : ["none", .. imps], RealmFile = options?.RealmFile is { Length: > 0 } file ? Path.Combine(Folder, file) : "" });
        Server.Logged = (level, line) => { if (level >= LogLevel.Warning) Lines.Add(line); };
        client = Server.Connect("test");
        audio = new Thread(Play) { IsBackground = true, Priority = ThreadPriority.Highest };
        audio.Start();
    }

    public string Folder { get; }
    public string Modules => Path.Combine(Folder, "modules");
    public OscLooper.Server.Server Server { get; }
    public List<string> Lines { get; } = [];

    /// <summary>The largest difference between two samples since the last time it was asked for.</summary>
    public float TakeLargestStep() => Interlocked.Exchange(ref largestStep, 0);

    /// <summary>The loudest sample of the next tenth of a second.</summary>
    public float TakeLoudest()
    {
        loudest = 0;
        Wait(0.1);
        return loudest;
    }

    public void Send(string address, params OscValue[] arguments) => client.Send(new OscMessage(address, arguments));

    public Imp Imp(string name) => Server.Realm.Find(name)!;

    public ImpState State(string name) => Server.Realm.Find(name)?.State ?? ImpState.Removed;

    public double Number(string address) => Server.Space.TryFind(address, out var leaf) ? leaf.Value.A : double.NaN;

    public string Text(string address) => Server.Space.TryFind(address, out var leaf) ? leaf.Text : "";

    /// <summary>Main goes round until it is so.</summary>
    public void Until(Func<bool> isSo, string what, double seconds = 30)
    {
        // Others may work on this machine.
        seconds = Math.Max(seconds, 90);
        for (var clock = Stopwatch.StartNew(); !isSo();)
        {
            Server.Pump();
            if (clock.Elapsed.TotalSeconds > seconds) throw new AssertionException($"{what}: not within {seconds} s; {string.Join("\n", Lines)}");
            if (!isSo()) Thread.Sleep(1);
        }
    }

    public void Wait(double seconds)
    {
        var clock = Stopwatch.StartNew();
        Until(() => clock.Elapsed.TotalSeconds >= seconds, "time", seconds + 30);
    }

    /// <summary>Sends a job and waits for its answer.</summary>
    public OscMessage Ask(string address, params OscValue[] arguments)
    {
        client.Replies.Clear();
        client.Send(new OscMessage(address, arguments));
        OscMessage? answer = null;
        Until(() => (answer ??= client.Replies.Select(r => r.Message).FirstOrDefault(m => m.Address is "/done" or "/fail")) is not null, address);
        return answer!;
    }

    public void Well(string address, params OscValue[] arguments)
    {
        var answer = Ask(address, arguments);
        Assert.That(answer.Address, Is.EqualTo("/done"), $"{answer} {string.Join("\n", Lines)}");
    }

    void Play()
    {
        var buffer = stackalloc float[Block];
        var outs = stackalloc float*[1];
        outs[0] = buffer;
        for (long start = SampleClock.MonotonicNow, frame = 0; !ends; frame += Block)
        {
            Server.Engine.Clock.Anchor(frame, start + (long)(frame * (1e9 / 48000)), 1e9 / 48000);
            Server.Engine.Process(null, outs, Block);
            for (var i = 0; i < Block; i++)
            {
                if (hasLast) largestStep = Math.Max(largestStep, Math.Abs(buffer[i] - last));
                (last, hasLast) = (buffer[i], true);
                loudest = Math.Max(loudest, Math.Abs(last));
            }
            while (!ends && SampleClock.MonotonicNow < start + (long)((frame + Block) * (1e9 / 48000))) Thread.Sleep(1);
        }
    }

    public void Dispose()
    {
        ends = true;
        audio.Join();
        Server.Dispose();
        Directory.Delete(Folder, recursive: true);
    }
}
