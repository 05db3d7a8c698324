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

    readonly EventQueue queue = new();
    readonly Handover<Schedule> schedules = new();
    readonly Dictionary<Module, Player> players = [];
    readonly Lane[] deviceIn, deviceBus;
    readonly Lane silence;
    readonly Transport transport = new();
    readonly Schedule empty;
    int outstanding;

    /// <summary>[main] An engine without imps, at frame 0.</summary>
    public Engine(AudioFormat format)
    {
        Format = format with { MaxFrames = format.MaxFrames is > 0 and <= MaxFrames ? format.MaxFrames : MaxFrames };
        deviceIn = [.. Enumerable.Range(0, format.Inputs).Select(_ => new Lane(Format.MaxFrames))];
        deviceBus = [.. Enumerable.Range(0, format.Outputs).Select(_ => new Lane(Format.MaxFrames))];
        silence = new Lane(Format.MaxFrames);
        transport.SetRate(format.Rate);
        Clock = new SampleClock(format.Rate);
        Midi = new Midi.MidiPorts(Format);
        schedule = empty = new Schedule([], new Patch(), deviceIn, deviceBus, silence, Midi, _ => throw new InvalidOperationException());
    }

    /// <summary>[any] What every module was prepared for.</summary>
    public AudioFormat Format { get; }
    /// <summary>[any] Events to the audio side; main alone writes. A frame below 0 means at once.</summary>
    public Ring<Event> Inbox { get; } = new(16384);
    /// <summary>[any] Events from the audio side; main alone reads.</summary>
    public Ring<Event> Outbox { get; } = new(65536);
    /// <summary>[any] Rings when the outbox holds something at the end of a block.</summary>
    public Doorbell Doorbell { get; } = new();
    /// <summary>[any] Frames and time.</summary>
    public SampleClock Clock { get; }
    /// <summary>[any] How it does.</summary>
    public EngineStatus Status { get; } = new();

    /// <summary>[any] The MIDI ports that are heard and played.</summary>
    public Midi.MidiPorts Midi { get; }

    /// <summary>[any] What JACK's transport says.</summary>
    public JackTransport JackTransport { get; } = new();

    /// <summary>[main] Who is connected to whom.</summary>
    public Patch Patch { get; private set; } = new();

    /// <summary>[main] From the next block on these imps play, connected by the patch (the default one when none is given). New ones are prepared here.</summary>
    public void Load(IReadOnlyList<ImpSlot> imps, Patch? patch = null)
    {
        Collect();
        foreach (var imp in imps)
            if (!players.ContainsKey(imp.Module)) Welcome(imp);
        // Before the device starts WarmUp waits for this.
        if (isWarm) Compiling.Finish();

        Patch = patch ?? Patch.Default(imps, Format, Midi);
        var fresh = new Schedule(imps, Patch, deviceIn, deviceBus, silence, Midi, imp => players[imp.Module]);
        if (!schedules.Offer(fresh)) throw new InvalidOperationException("The audio side has not taken the last 64 schedules.");
        outstanding++;
    }

    /// <summary>[main] Takes back schedules that no longer play. True when none is outstanding: imps that were left out may be disposed.</summary>
    public bool Collect()
    {
        while (schedules.TryCollect(out var old))
        {
            outstanding--;
            if (old != empty) old.Dispose();
        }
        if (outstanding > 0) return false;
        foreach (var gone in players.Where(p => !schedule.Players.Contains(p.Value)).ToList())
        {
            players.Remove(gone.Key);
            gone.Value.Dispose();
        }
        return true;
    }

    /// <summary>[main] Told when another device plays the engine; called on whatever thread that was found out.</summary>
    public Action<IAudioDriver>? DeviceChanged { get; set; }

    /// <summary>[any] A driver says that it plays the engine from now on.</summary>
    public void Announce(IAudioDriver driver)
    {
        Volatile.Write(ref Status.BlockNow, driver.Block);
        DeviceChanged?.Invoke(driver);
    }

    /// <summary>[main] Why an imp is bypassed; null while it plays.</summary>
    public Exception? FaultOf(int slot) => players.Values.FirstOrDefault(p => p.Slot == slot)?.Fault;

    void Welcome(ImpSlot imp)
    {
        var audio = imp.Tree.Audio;
        (audio.Outbox, audio.ImpBits, audio.Transport, audio.Traits) = (Outbox, imp.Slot << Event.LeafBits, transport, new LeafTraits(imp.Tree));
        if (!Format.IsOffline) Compiling.Begin(imp.Module);
        imp.Module.Prepare(Format);
        players.Add(imp.Module, new Player(imp, Format.MaxFrames));
    }

    /// <summary>[main, frozen] Gives native memory back; no thread may process any more. The modules stay their owner's.</summary>
    public void Dispose()
    {
        while (schedules.TryTake(out var waiting)) waiting.Dispose();
        Collect();
        schedule.Dispose();
        foreach (var player in players.Values) player.Dispose();
        foreach (var lane in deviceIn.Concat(deviceBus).Append(silence)) lane.Dispose();
        players.Clear();
        Midi.Dispose();
        Doorbell.Dispose();
    }
}
