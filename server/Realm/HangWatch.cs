using OscLooper.Server.Realtime;

namespace OscLooper.Server.Realm;

/// <summary>[any] Main is in a module's code: whose, which, and whether it is still waited for.</summary>
sealed class MainCall(string imp, int slot, string what, string thread)
{
    const int UnderWay = 0, Back = 1, Left = 2;
    readonly Patience patience = new();
    volatile CodeBegin? begun = CodeBegin.Here;
    int state;

    public string Imp => imp;
    public int Slot => slot;
    public string What => what;
    /// <summary>[main] What main was in before.</summary>
    public MainCall? Outer { get; init; }
    /// <summary>[main] What the module is called for when this has come back.</summary>
    public List<Action> Later { get; } = [];
    /// <summary>[main] The imp does without it.</summary>
    public bool IsGivenUp { get; set; }
    /// <summary>[main] Another instance has taken the place of the one that it is in.</summary>
    public bool IsForgotten { get; set; }

    /// <summary>[main] The server itself waits in there, for a disk: that is not the module's fault.</summary>
    public void Pause() => begun = null;

    /// <summary>[main] It is the module's time again.</summary>
    public void GoOn() => begun = CodeBegin.Here;

    /// <summary>[watch] For how long it has not come back.</summary>
    public double Look() => begun is { } since ? patience.Look(new Stay(this, imp, what, thread) { Begun = since }) : patience.Look(null, thread);
    /// <summary>[main] It has come back; false when another thread has become main meanwhile.</summary>
    public bool ComeBack() => Interlocked.CompareExchange(ref state, Back, UnderWay) == UnderWay;
    /// <summary>[any] Main does not wait for it any more; false when it has just come back.</summary>
    public bool Leave() => Interlocked.CompareExchange(ref state, Left, UnderWay) == UnderWay;
}

/// <summary>[any] A small thread that sees when the audio side, or main, stays in a module's code, and when the server does not come to its end.</summary>
sealed class HangWatch : IDisposable
{
    /// <summary>[any] So long the audio side may stay in one imp's code within one block.</summary>
    public const double AudioSeconds = 0.5;
    /// <summary>[any] After that a server that somebody watches over ends itself.</summary>
    public const double SupervisedSeconds = 2;
    const int LookMilliseconds = 200, CloseMilliseconds = 50;

    readonly Server server;
    readonly Patience audio = new();
    readonly AutoResetEvent wake = new(false);
    volatile bool ends;
    bool hasTold, isClose;

    public HangWatch(Server server)
    {
        this.server = server;
        server.Realm.Hangs.Wake = () => wake.Set();
        new Thread(Watch) { Name = "watch", IsBackground = true }.Start();
    }

    void Watch()
    {
        // Closely only while something is under way: who sleeps costs little.
        while (true)
        {
            wake.WaitOne(isClose || server.Realm.Hangs.IsAnyUnderWay ? CloseMilliseconds : LookMilliseconds);
            if (ends) return;
            isClose = false;
            LookAtAudio();
            LookAtMain();
            if (server.Realm.Hangs.Look()) server.Engine.Wake.Signal();
            server.LookAtEnd();
        }
    }

    void LookAtMain()
    {
        if (server.MainCall is { } call)
        {
            isClose = true;
            if (call.Look() >= Stay.NoticeSeconds) server.TakeOver(call);
        }
        foreach (var left in server.LeftCalls)
        {
            isClose = true;
            if (left.Look() >= Server.GiveUpSeconds && !left.IsGivenUp) server.Workers.Post(() => server.GiveUp(left));
        }
    }

    void LookAtAudio()
    {
        var status = server.Engine.Status;
        var (begun, ended) = status.Blocks;
        var seconds = audio.Look(begun == ended ? null : begun, status.Thread > 0 ? $"/proc/self/task/{status.Thread}" : "");
        isClose |= seconds > 0;
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

    public void Dispose()
    {
        ends = true;
        wake.Set();
    }
}
