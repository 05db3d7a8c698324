using System.Buffers.Binary;
using OscLooper.Dsp;
using OscLooper.Server.Realtime;

namespace OscLooper.Server.Audio;

/// <summary>
/// [any] /audio: the device, the master's gain, meters, the recording of the master. It hears what the device hears and the mix of all imps,
/// plays last, and what it plays goes to the device.
/// </summary>
public sealed class AudioModule : Module, IBackground
{
    const int MostRightsLooks = 100;
    const double MeterSeconds = 1 / 30.0, RecordSeconds = 0.02, RightsSeconds = 0.1;

    readonly AudioSide audio;
    readonly Desk desk;
    readonly Engine engine;
    readonly AudioIn input, bus;
    readonly AudioOut output;
    readonly Parameter gain, mute, rate, block;
    readonly Errand backend, device, meters;
    readonly MasterRecorder recorder;
    readonly PeakMeter[] inPeaks, outPeaks;
    readonly byte[] shown;
    long metersShown;
    int rightsLooks;
    bool isShownLoud;
    volatile bool isLoud;
    volatile IAudioDriver? playing;
    Ramp master;

    /// <summary>[main] Declares; the engine is the one that it plays in.</summary>
    public AudioModule(Branch at, Engine engine)
    {
        var format = engine.Format;
        (audio, desk, this.engine) = (at.Audio, at.Desk, engine);
        (input, bus, output) = (at.AudioIn("in", format.Inputs), at.AudioIn("bus", format.Outputs), at.AudioOut("out", format.Outputs));

        backend = at.Setting("backend", Spec.Text with { InitialText = format.IsOffline ? "offline" : "none" }, "jack, pipewire, portaudio, none (timer clock) or offline.", traits: Traits.ReadOnly);
        device = at.Setting("device", Spec.Text, "Name of the device or server.", traits: Traits.ReadOnly);
        rate = Fixed(at, "rate", format.Rate, "Frames of the device in a second.");
        block = Fixed(at, "block", format.IsOffline ? format.MaxFrames : 0, "Frames in a block of the device.");
        Fixed(at, "engine_rate", format.Rate, "Frames of the server in a second: of /server/frame, loops and recordings. It is the device's at the start and stays; a device of another rate is resampled.");
        Fixed(at, "inputs", format.Inputs, "Lanes of audio:in.");
        Fixed(at, "outputs", format.Outputs, "Lanes of audio:out.");
        at.Job("devices", [], "Lists the devices that could be opened: .item backend name ins outs.", ListDevices);

        gain = at.Child("master").Parameter("gain", Spec.Range(0, 4, 1), "Gain of the master, linear; ramped.");
        mute = at.Child("master").Parameter("mute", Spec.Switch(), "1 silences the master; ramped.");
        PeakMeter[] Meters(string way, int lanes, string what) => [.. Enumerable.Range(1, lanes).Select(n =>
            new PeakMeter(at.Child("meter").Child(way).Gauge($"{n}", Spec.Peak, $"Peak of {what} {n}; falls 20 dB in 1.7 s."), format.Rate))];
        inPeaks = Meters("in", format.Inputs, "input");
        outPeaks = Meters("out", format.Outputs, "output, after the master's gain,");
        shown = new byte[4 * (inPeaks.Length + outPeaks.Length)];
        meters = at.Setting("meters", new Spec { Kind = SpecKind.Blob }, "All meters at once: dBFS as big-endian float32, inputs, then outputs.", traits: Traits.ReadOnly);

        recorder = new MasterRecorder(format.Outputs, format.Rate, desk);
        recorder.Errand = at.Job("record", [Spec.Path], "Records the master to a 32-bit float WAV, from this frame on. When the disk is full, /fail comes at once, and what fitted is there.", recorder.Begin);
        at.Job("record_stop", [], "Ends the recording: its path and seconds.", recorder.End, Traits.Destroys);
    }

    static Parameter Fixed(Branch at, string name, int value, string summary) =>
        at.Parameter(name, Spec.Count(0, int.MaxValue, value), summary, Traits.ReadOnly | Traits.Managed);

    /// <summary>[main, frozen] Listens for another device from now on.</summary>
    public override void Prepare(AudioFormat format)
    {
        master = new Ramp(RaisedCosine.Rise(format.RampFrames), mute.IsOn ? 0 : (float)gain.Value);
        engine.DeviceChanged += driver => desk.Post(() =>
        {
            (playing, rightsLooks) = (driver, 0);
            audio.WakeBackground();
            desk.Publish(backend, -1, driver.Backend);
            desk.Publish(device, -1, driver.Device);
        });
    }

    /// <summary>[audio] The master moves from this frame on.</summary>
    public override void Handle(in Event e)
    {
        if (e.Is(gain) || e.Is(mute)) master.Start(e.Frame, mute.IsOn ? 0 : (float)gain.Value);
        else if (e.Kind == EventKind.Ask) recorder.Handle(e, audio);
    }

    /// <summary>[audio] Bus to master, meters, recording.</summary>
    public override void Process(in Block block)
    {
        for (var lane = 0; lane < output.Lanes; lane++)
        {
            var to = block.Out(output, lane);
            Mix.AddRamped(to, block.In(bus, lane), master, block.Frame);
            outPeaks[lane].Hear(to, block.Frame);
        }
        for (var lane = 0; lane < input.Lanes; lane++) inPeaks[lane].Hear(block.In(input, lane), block.Frame);
        recorder.Hear(block, output);
        var wasLoud = isLoud;
        isLoud = HasLevel(outPeaks) || HasLevel(inPeaks);
        if (isLoud && !wasLoud) audio.WakeBackground();
        if (IsDeviceShown) return;
        this.block.Set(engine.Status.DeviceBlock);
        rate.Set(engine.Status.DeviceRate);
    }

    /// <summary>[any] Nothing comes in or goes out, and nothing is recorded.</summary>
    public bool IsSilent => !isLoud && !recorder.IsRecording;

    /// <summary>[audio] Nothing moves, nothing is recorded, the meters have fallen.</summary>
    public override bool IsIdle => IsDeviceShown && !isLoud && !recorder.IsRecording && !master.IsMoving(audio.NextFrame) && AreSilent(inPeaks) && AreSilent(outPeaks);

    bool IsDeviceShown => engine.Format.IsOffline || engine.Status.DeviceBlock == 0 || (engine.Status.DeviceBlock == block.Value && engine.Status.DeviceRate == rate.Value);

    static bool AreSilent(PeakMeter[] meters)
    {
        foreach (var meter in meters)
            if (!meter.IsSilent) return false;
        return true;
    }

    /// <summary>[worker] Writes what was recorded, and shows the meters.</summary>
    public void Work()
    {
        recorder.Work();
        if (playing is { Rights.Length: > 0 } driver)
        {
            desk.Log(LogLevel.Info, $"{driver.Backend} ({driver.Device}): {driver.Rights}");
            playing = null;
        }
        rightsLooks++;
        if (engine.Format.IsOffline || SampleClock.MonotonicNow - metersShown < (long)(MeterSeconds * 0.9e9)) return;
        metersShown = SampleClock.MonotonicNow;
        var bytes = new byte[shown.Length];
        for (var i = 0; i < inPeaks.Length + outPeaks.Length; i++)
        {
            var peak = (i < inPeaks.Length ? inPeaks[i] : outPeaks[i - inPeaks.Length]).Level;
            BinaryPrimitives.WriteSingleBigEndian(bytes.AsSpan(4 * i), (float)Decibels.FromLinear(peak, -200));
        }
        // Silence is shown once.
        isShownLoud = isLoud;
        if (bytes.AsSpan().SequenceEqual(shown)) return;
        bytes.CopyTo(shown, 0);
        desk.Post(() => desk.Publish(meters, -1, bytes));
    }

    /// <summary>[worker] Soon while something is recorded, while there is something to show on the meters, or a device has not said yet how it plays.</summary>
    public double DueSeconds => recorder.IsWriting ? RecordSeconds : isLoud || isShownLoud ? MeterSeconds : playing is not null && rightsLooks < MostRightsLooks ? RightsSeconds : double.PositiveInfinity;

    static bool HasLevel(PeakMeter[] meters)
    {
        foreach (var meter in meters)
            if (meter.Level != 0) return true;
        return false;
    }

    /// <summary>[main, frozen] Ends a recording that is under way.</summary>
    public override void Dispose()
    {
        recorder.Dispose();
        base.Dispose();
    }

    void ListDevices(JobCall call)
    {
        IReadOnlyList<AudioDevice> found = [];
        call.OnWorker(() => found = AudioDevice.All(), () =>
        {
            foreach (var d in found) call.Reply(".item", d.Backend, d.Name, d.Inputs, d.Outputs);
            call.Done(found.Count);
        });
    }
}
