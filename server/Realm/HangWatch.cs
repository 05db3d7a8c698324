using OscLooper.Server.Realtime;

namespace OscLooper.Server.Realm;

/// <summary>[any] Main is in a module's code: whose, which, and whether it is still waited for.</summary>
sealed class MainCall(string imp, string what, double patienceSeconds)
{
    const int UnderWay = 0, Back = 1, GivenUp = 2;
    int state;

    public string Imp => imp;
    public string What => what;
    public double PatienceSeconds => patienceSeconds;
    /// <summary>[main] What main was in before.</summary>
    public MainCall? Outer { get; init; }

    /// <summary>[main] It has come back; false when another thread has become main meanwhile.</summary>
    public bool ComeBack() => Interlocked.CompareExchange(ref state, Back, UnderWay) == UnderWay;
    /// <summary>[any] It is not waited for any more; false when it has just come back.</summary>
    public bool GiveUp() => Interlocked.CompareExchange(ref state, GivenUp, UnderWay) == UnderWay;
}

/// <summary>[any] A small thread that sees when the audio side, or main, stays in a module's code, and when the server does not come to its end.</summary>
sealed class HangWatch : IDisposable
{
    /// <summary>[any] So long the audio side may stay in one imp's code within one block.</summary>
    public const double AudioSeconds = 0.5;
    /// <summary>[any] After that a server that somebody watches over ends itself.</summary>
    public const double SupervisedSeconds = 2;
    const int LookMilliseconds = 200;

    readonly Server server;
    readonly Patience audio = new(), main = new();
    readonly ManualResetEventSlim ends = new();
    bool hasTold;

    public HangWatch(Server server)
    {
        this.server = server;
        new Thread(Watch) { Name = "watch", IsBackground = true }.Start();
    }

    void Watch()
    {
        while (!ends.Wait(LookMilliseconds))
        {
            LookAtAudio();
            if (server.MainCall is { } call && main.Look(call, server.MainThreadPath) >= call.PatienceSeconds) server.TakeOver(call);
            server.LookAtEnd();
        }
    }

    void LookAtAudio()
    {
        var status = server.Engine.Status;
        var (begun, ended) = status.Blocks;
        var seconds = audio.Look(begun == ended ? null : begun, status.Thread > 0 ? $"/proc/self/task/{status.Thread}" : "");
        if (seconds >= AudioSeconds)
        {
            var (slot, isHandle) = status.InCode;
            if (!hasTold) server.Workers.Post(() => server.AudioStands(slot, isHandle));
            hasTold = true;
            if (seconds >= SupervisedSeconds) server.AudioIsLost();
        }
        else if (hasTold && (begun == ended || seconds == 0))
        {
            hasTold = false;
            server.Workers.Post(server.AudioGoesOn);
        }
    }

    public void Dispose() => ends.Set();
}
