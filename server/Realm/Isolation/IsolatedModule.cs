using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Newtonsoft.Json.Linq;
using OscLooper.Dsp;
using OscLooper.Osc;

namespace OscLooper.Server.Realm.Isolation;

/// <summary>
/// [any] Stands in for a module that lives in a process of its own: declares what that one declared, hands sound, notes and events over by
/// shared memory and the rest by pipes. What comes back is heard 10 ms later. When the process ends, this imp is faulted, and nothing else.
/// </summary>
sealed unsafe partial class IsolatedModule : Module, ILive, IPersist, ICarry
{
    const double DelaySeconds = 0.01, FadeSeconds = 0.005, StartSeconds = 14;
    const int EndMilliseconds = 800;

    readonly Desk desk;
    readonly AudioSide audio;
    readonly Process process;
    readonly ChildLink link;
    readonly SharedSound shared;
    readonly string file;
    readonly AudioIn[] ins;
    readonly AudioOut[] outs;
    readonly NotesIn[] noteIns;
    readonly NotesOut[] noteOuts;
    readonly float[] last, fallFrom;
    readonly bool isPersist, isCarry;
    bool isEnding;
    float* scratch;
    long delay, expected = -1, begun, fallStart;
    bool isHeard;
    RaisedCosine curve = RaisedCosine.Rise(1);
    Ramp gain;

    /// <summary>[worker] Starts the process and waits until its module has declared.</summary>
    public IsolatedModule(Branch at, ModuleFile module, string imp, AudioFormat format, Action<string>? started = null)
    {
        (desk, audio) = (at.Desk, at.Audio);
        var place = Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath();
        file = Path.Combine(place, $"osclooper-{Environment.ProcessId}-{Guid.NewGuid():N}");
        process = Starter.Start(ModuleHost.Command(module, imp, file, format));
        ProcessPath = OperatingSystem.IsLinux() ? $"/proc/{process.Id}" : "";
        started?.Invoke(ProcessPath);
        link = new ChildLink(process.StandardOutput.BaseStream, process.StandardInput.BaseStream);
        var isReady = false;
        using (new Timer(_ => { if (!isReady) Kill(); }, null, TimeSpan.FromSeconds(StartSeconds), Timeout.InfiniteTimeSpan))
        {
            if (!link.TryReceive(out var number, out var bytes) || number != ChildLink.Control || Parse(bytes) is not { } first || first["ready"] is not JObject description)
            {
                Kill();
                throw FailureIn(number == ChildLink.Control ? Parse(bytes) : null, "failed") ?? new ApartException("its process ended before it was ready", "");
            }
            isReady = true;
            (ins, outs, noteIns, noteOuts, isPersist, isCarry, DataVersion) = Described.Declare(description, at, Ask, Change);
        }
        (last, fallFrom) = (new float[outs.Sum(o => o.Lanes)], new float[outs.Sum(o => o.Lanes)]);
        shared = new SharedSound(file, ins.Sum(i => i.Lanes), last.Length);
        // Both have it: without a name it goes when they do, however they end (a system that keeps the name of what is open, keeps it until then).
        Forget(file);
        new Thread(Listen) { Name = $"isolated {imp}", IsBackground = true }.Start();
    }

    /// <summary>[worker] Told when the process ends though nobody asked for it.</summary>
    public Action<Exception>? Died { get; set; }
    /// <summary>[main] Told of each value that changed there.</summary>
    public Action<OscMessage>? Heard { get; set; }
    /// <summary>[any] It does not do what it was asked: its process is ended, and that is its fault.</summary>
    public void KillHung()
    {
        faultOfChild ??= new ApartException("what it was asked did not come back, its process was ended", "");
        Kill();
    }

    /// <summary>[worker] Its process did not end by itself in Dispose.</summary>
    public bool WasLate { get; private set; }

    /// <summary>[any] Number of the process.</summary>
    public int ProcessId => process.Id;
    /// <summary>[any] Where the system tells of it; empty where it does not.</summary>
    public string ProcessPath { get; }
    /// <inheritdoc/>
    public int DataVersion { get; }

    /// <summary>[main, frozen] Takes memory.</summary>
    public override void Prepare(AudioFormat format)
    {
        delay = (long)Math.Round(format.Rate * DelaySeconds);
        curve = RaisedCosine.Rise((int)(format.Rate * FadeSeconds));
        gain = new Ramp(curve, 0);
        scratch = (float*)NativeMemory.AllocZeroed((nuint)format.MaxFrames, sizeof(float));
    }

    // Here and below: never the code that was compiled ahead, which is bound at its first call.
    /// <summary>[audio] Hands events over with their frame.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Handle(in Event e)
    {
        if (e.Kind is EventKind.Set or EventKind.Fire or EventKind.Panic && !shared.Send(e)) audio.Refuse(e, Reason.Busy);
    }

    /// <summary>[audio] Hands sound and notes over, and plays what has come back.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Process(in Block block)
    {
        Begin(block);
        var lane = 0;
        foreach (var port in ins)
            for (var i = 0; i < port.Lanes; i++) shared.WriteIn(lane++, block.Frame, block.In(port, i));
        for (var port = 0; port < noteIns.Length; port++)
            foreach (ref readonly var note in block.Notes(noteIns[port])) shared.SendIn(new SharedSound.PortNote { Port = port, Note = note });
        (shared.Tempo, shared.Beat, shared.IsPlaying) = (block.Transport.Tempo, block.Transport.PositionAt(block.Frame), block.Transport.IsPlaying);
        shared.InFrame = block.Frame + block.Frames;

        var from = block.Frame - delay;
        var isThere = from >= begun && shared.OutFrame >= from + block.Frames;
        Hear(block.Frame, isThere);
        lane = 0;
        foreach (var port in outs)
            for (var i = 0; i < port.Lanes; i++, lane++)
            {
                var to = block.Out(port, i);
                if (isHeard)
                {
                    var sound = new Span<float>(scratch, block.Frames);
                    shared.ReadOut(lane, from, sound);
                    Mix.AddRamped(to, sound, gain, block.Frame);
                    last[lane] = sound[^1] * gain.At(block.Frame + block.Frames - 1);
                }
                else
                    for (var n = 0; n < to.Length && block.Frame + n < fallStart + curve.Frames; n++) to[n] += fallFrom[lane] * (1 - curve.At(block.Frame + n - fallStart + 1));
            }
        while (shared.TryPeekOut(out var note) && note.Note.Frame + delay < block.Frame + block.Frames)
        {
            shared.TakeOut();
            if ((uint)note.Port < (uint)noteOuts.Length) block.Send(noteOuts[note.Port], note.Note.Frame + delay, note.Note.Status, note.Note.Pitch, note.Note.Velocity);
        }
    }

    // What has not come falls from where the sound was, and only when it has fallen to the end does it come back: whatever the other side
    // does (late, late again, gone), there is no step.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void Hear(long frame, bool isThere)
    {
        if (isHeard && !isThere)
        {
            (isHeard, fallStart) = (false, frame);
            last.CopyTo(fallFrom.AsSpan());
        }
        else if (!isHeard && isThere && frame >= fallStart + curve.Frames)
        {
            isHeard = true;
            gain.Start(frame, 0, 1);
        }
    }

    // After a pause the other side's time goes on where it stood.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void Begin(in Block block)
    {
        if (block.Frame != expected)
        {
            shared.FirstFrame += block.Frame - Math.Max(0, expected);
            begun = block.Frame;
            (isHeard, fallStart) = (false, block.Frame - curve.Frames);
        }
        expected = block.Frame + block.Frames;
    }

    /// <summary>[main] From now on it is told what all values are, and each change.</summary>
    public void Watch() => link.Send(new JObject { ["do"] = "watch" });

    /// <inheritdoc/>
    public bool Unfreeze(out string reason)
    {
        reason = (string?)Request(new JObject { ["do"] = "unfreeze" })["reason"] ?? "";
        return reason.Length == 0;
    }

    /// <inheritdoc/>
    public void Freeze()
    {
        if (!process.HasExited) Request(new JObject { ["do"] = "freeze" });
    }

    /// <inheritdoc/>
    public void Save(DirectoryInfo folder)
    {
        if (isPersist) Request(new JObject { ["do"] = "save", ["folder"] = folder.FullName });
    }

    /// <inheritdoc/>
    public void Load(DirectoryInfo folder, int version)
    {
        if (isPersist) Request(new JObject { ["do"] = "load", ["folder"] = folder.FullName, ["version"] = version });
    }

    /// <inheritdoc/>
    public string? BeforeLoad() => isCarry ? (string?)Request(new JObject { ["do"] = "before_load" })["token"] : null;

    /// <inheritdoc/>
    public void AfterLoad(string? token)
    {
        if (isCarry) Request(new JObject { ["do"] = "after_load", ["token"] = token });
    }

    void Kill()
    {
        try
        {
            process.Kill();
        }
        catch (InvalidOperationException) { }     // it has ended already
        Forget(file);
    }

    static void Forget(string file)
    {
        try
        {
            File.Delete(file);
        }
        catch (IOException) { }     // still open, on a system that cares
    }

    /// <summary>[main, frozen] Ends the process: asked first, then killed.</summary>
    public override void Dispose()
    {
        isEnding = true;
        try
        {
            process.StandardInput.Close();
        }
        catch (IOException) { }     // it has ended before: nobody reads any more
        if (!process.WaitForExit(EndMilliseconds))
        {
            WasLate = true;
            desk.Log(LogLevel.Warning, $"Dispose, or what else it was at, has not come back for {EndMilliseconds / 1000.0:0.#} s: its process was ended");
            Kill();
        }
        shared.Dispose();
        Forget(file);
        NativeMemory.Free(scratch);
        scratch = null;
        process.Dispose();
        base.Dispose();
    }
}
