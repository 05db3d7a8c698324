using OscLooper.Dsp;
using OscLooper.Dsp.Native;
using OscLooper.Server.Audio;

namespace OscLooper.Server.Realtime;

/// <summary>
/// [any] The audio side's runner: takes events in, plays every imp in order with the block cut where events fall, and mixes what goes out.
/// Main speaks to it by <see cref="Inbox"/> and <see cref="Load"/>, and hears it by <see cref="Outbox"/>. One thread at a time processes.
/// </summary>
public sealed unsafe partial class Engine : IDisposable
{
    /// <summary>[any] No module is given a longer block; longer ones of a device are played in pieces.</summary>
    public const int MaxFrames = 8192;

    /// <summary>How long imps and connections fade when they come and go.</summary>
    const double FadeSeconds = 0.005;
    const int MostSchedules = 64, MostOutstanding = MostSchedules / 2;

    readonly EventQueue queue = new();
    readonly Handover<Schedule> schedules = new(MostSchedules);
    readonly Dictionary<Module, Player> players = new(ReferenceEqualityComparer.Instance);
    readonly Lane[] deviceIn;
    readonly Schedule.Lanes lanes;
    readonly RaisedCosine curve;
    readonly Transport transport = new();
    readonly Schedule empty;
    Schedule? newest;
    int outstanding;

    /// <summary>[main] An engine without imps, at frame 0.</summary>
    public Engine(AudioFormat format)
    {
        Format = format with { MaxFrames = format.MaxFrames is > 0 and <= MaxFrames ? format.MaxFrames : MaxFrames };
        Status = new EngineStatus(format.Inputs);
        deviceIn = [.. Enumerable.Range(0, format.Inputs).Select(_ => new Lane(Format.MaxFrames))];
        curve = RaisedCosine.Rise((int)Math.Round(Format.Rate * FadeSeconds));
        Midi = new Midi.MidiPorts(Format);
        lanes = new(deviceIn, [.. Enumerable.Range(0, format.Outputs).Select(_ => new Lane(Format.MaxFrames))], new Lane(Format.MaxFrames), curve, Midi);
        transport.SetRate(format.Rate);
        Clock = new SampleClock(format.Rate);
        schedule = empty = new Schedule([], [], new Patch(), lanes, _ => throw new InvalidOperationException(), null, 0, []);
    }

    /// <summary>[any] What every module was prepared for.</summary>
    public AudioFormat Format { get; }
    /// <summary>[any] Events to the audio side; main alone writes. A frame below 0 means at once.</summary>
    public Ring<Event> Inbox { get; } = new(16384);
    /// <summary>[any] Events that the thread that plays brings itself (of a process apart).</summary>
    internal Ring<Event> Beside { get; } = new(4096);
    /// <summary>[any] Events from the audio side; main alone reads.</summary>
    public Ring<Event> Outbox { get; } = new(65536);
    /// <summary>[any] Wakes main: signalled at the end of a block in which something was said that somebody waits for: an answer, or a value that is watched.</summary>
    public WakeEvent Wake { get; } = new();
    /// <summary>[any] Frames and time.</summary>
    public SampleClock Clock { get; }
    /// <summary>[main] Files that play as audio:in from frame 0 on; set before a device starts.</summary>
    public InputFiles? Feed { get; set; }

    /// <summary>[any] How it does.</summary>
    public EngineStatus Status { get; }

    /// <summary>[any] The MIDI ports that are heard and played.</summary>
    public Midi.MidiPorts Midi { get; }

    /// <summary>[any] What JACK's transport says.</summary>
    public JackTransport JackTransport { get; } = new();

    /// <summary>[main] Who is connected to whom.</summary>
    public Patch Patch { get; private set; } = new();

    /// <summary>
    /// [main] From the next block on these imps play, connected by the patch (the default one when none is given). Imps that leave play on, unheard
    /// after a fade, until they are left out of a later call. Before their first sample the imps hear the first events.
    /// </summary>
    public void Load(IReadOnlyList<ImpSlot> imps, Patch? patch = null, IReadOnlyList<ImpSlot>? leaving = null, Event[]? firsts = null)
    {
        Collect();
        leaving ??= [];
        foreach (var imp in imps)
        {
            if (!players.ContainsKey(imp.Module)) Ready(imp);
            if (newest is not null && Array.TrueForAll(newest.Players, p => p.Module != imp.Module)) players[imp.Module].Forget();
        }
        Patch = patch ?? Patch.Default(imps, Format, Midi);
        var fresh = new Schedule(imps, leaving, Patch, lanes, imp => players[imp.Module], newest, Status.Frame, firsts ?? []);
        if (!schedules.Offer(fresh)) throw new InvalidOperationException($"The audio side has not taken the last {MostSchedules} schedules.");
        newest = fresh;
        outstanding++;
    }

    /// <summary>[main] Another schedule can be handed over: the audio side has not stood still for too many.</summary>
    public bool HasRoom
    {
        get
        {
            Collect();
            return outstanding < MostOutstanding;
        }
    }

    /// <summary>[main] The audio side plays what it was last given, and all fades of that are over.</summary>
    public bool IsSettled => newest is null || newest.IsSettled(Status.Frame);

    /// <summary>[main] First frame at which <see cref="IsSettled"/> can be true; -1 while the audio side has not taken the last schedule.</summary>
    public long SettledFrame => newest is null ? 0 : Volatile.Read(ref newest.TakenFrame) is var taken and >= 0 ? taken + (newest.Fades ? curve.Frames : 0) : -1;

    /// <summary>[main] Takes back schedules that no longer play. True when none is outstanding: imps that were left out play no more.</summary>
    public bool Collect()
    {
        while (schedules.TryCollect(out var old))
        {
            outstanding--;
            if (old != empty) old.Dispose();
        }
        return outstanding == 0;
    }

    /// <summary>[main] Gives back what the engine kept for an imp that plays no more (see <see cref="Collect"/>).</summary>
    public void Release(ImpSlot imp)
    {
        if (players.Remove(imp.Module, out var player)) player.Dispose();
    }

    /// <summary>[main] Told when another device plays the engine; called on whatever thread that was found out.</summary>
    public Action<IAudioDriver>? DeviceChanged { get; set; }

    /// <summary>[any] A driver says that it plays the engine from now on.</summary>
    public void Announce(IAudioDriver driver)
    {
        Volatile.Write(ref Status.BlockNow, (long)driver.Block * Format.Rate / driver.Rate);
        DeviceChanged?.Invoke(driver);
    }

    /// <summary>[main] Idle imps are called all the same: nobody hears a difference (tests).</summary>
    internal bool CallsIdle { get; set; }

    /// <summary>[any] For how many stretches an imp has been called to sound.</summary>
    internal long CallsOf(int slot) => players.Values.FirstOrDefault(p => p.Slot == slot)?.Calls ?? 0;

    /// <summary>[main] Why an imp is bypassed; null while it plays.</summary>
    public Exception? FaultOf(int slot) => players.Values.FirstOrDefault(p => p.Slot == slot) is not { } player ? null
        : player.Fault == Player.PlayedBadSound ? new BadSoundException(player.BadSound) : player.Fault;

    /// <summary>[main] Connects an imp to the engine and prepares it: the two halves of what a realm does on different threads.</summary>
    void Ready(ImpSlot imp)
    {
        Prepare(imp);
        Welcome(imp);
    }

    /// <summary>[worker] Compiles and prepares a module, before it is welcome.</summary>
    public void Prepare(ImpSlot imp)
    {
        var audio = imp.Tree.Audio;
        (audio.Outbox, audio.Request, audio.ImpBits, audio.Transport) = (Outbox, request, imp.Slot << Event.LeafBits, transport);
        Compiling.Begin(imp.Module);
        imp.Module.Prepare(Format);
        audio.Traits = new LeafTraits(imp.Tree);
        // Before the first block all is waited for.
        if (IsWarm) Compiling.Finish();
    }

    /// <summary>[main] Keeps lanes for an imp that was prepared.</summary>
    public void Welcome(ImpSlot imp) => players.Add(imp.Module, new Player(imp, Format.MaxFrames, curve));

    /// <summary>[main, frozen] Gives native memory back; no thread may process any more. The modules stay their owner's.</summary>
    public void Dispose()
    {
        while (schedules.TryTake(out var waiting)) waiting.Dispose();
        Collect();
        schedule.Dispose();
        foreach (var player in players.Values) player.Dispose();
        foreach (var lane in deviceIn.Concat(lanes.DeviceBus).Append(lanes.Silence)) lane.Dispose();
        players.Clear();
        Midi.Dispose();
        Wake.Dispose();
    }
}
