using System.Globalization;
using System.Runtime.InteropServices;
using OscLooper.Server.Realtime;

namespace OscLooper.Server.Audio;

/// <summary>[main] Plays on a device of PortAudio: ALSA, CoreAudio, WASAPI, ASIO ...</summary>
public sealed unsafe class PortAudioDriver : IAudioDriver
{
    // A device that was pulled out often just stops calling.
    const long SilentNanoseconds = 2_000_000_000;

    readonly GCHandle self;
    nint stream;
    Engine? engine;
    ClockEstimator? estimator;
    int inputLanes, outputLanes;
    float** ins, outs;
    long lastCallback;
    volatile int block;

    PortAudioDriver(string device, int rate, int block)
    {
        (Device, Rate, this.block) = (device, rate, block);
        self = GCHandle.Alloc(this);
    }

    /// <inheritdoc/>
    public string Backend => "portaudio";
    /// <inheritdoc/>
    public string Device { get; }
    /// <inheritdoc/>
    public int Rate { get; private set; }
    /// <inheritdoc/>
    public int Block => block;
    /// <inheritdoc/>
    public string Rights { get; private set; } = "";
    /// <inheritdoc/>
    public string? Trouble =>
        engine is not null && SampleClock.MonotonicNow - Volatile.Read(ref lastCallback) > SilentNanoseconds ? $"the device {Device} stopped" : null;

    /// <summary>[main] Opens the device of this name (or number; empty = the default ones); null and why when that does not work.</summary>
    public static PortAudioDriver? TryOpen(string device, AudioFormat format, int block, out string why)
    {
        if (!Begin(out why)) return null;
        var (input, output) = Choose(device);
        if (output == PortAudio.NoDevice && input == PortAudio.NoDevice)
        {
            why = device.Length > 0 ? $"PortAudio has no device {device}" : "PortAudio has no device";
            PortAudio.Pa_Terminate();
            return null;
        }
        var driver = new PortAudioDriver(NameOf(output == PortAudio.NoDevice ? input : output), format.Rate, block);
        var error = driver.Open(input, output, format);
        if (error == 0) return driver;
        why = $"PortAudio cannot open {driver.Device}: {PortAudio.Reason(error)}";
        driver.Dispose();
        return null;
    }

    /// <summary>[main] Its devices; none when the library is missing.</summary>
    public static IReadOnlyList<AudioDevice> Devices()
    {
        var devices = new List<AudioDevice>();
        if (!Begin(out _)) return devices;
        for (var i = 0; i < PortAudio.Pa_GetDeviceCount(); i++)
        {
            var info = PortAudio.Pa_GetDeviceInfo(i);
            devices.Add(new AudioDevice("portaudio", NameOf(i), info->MaxInputs, info->MaxOutputs));
        }
        PortAudio.Pa_Terminate();
        return devices;
    }

    /// <inheritdoc/>
    public void Start(Engine engine)
    {
        engine.WarmUp();
        estimator = new ClockEstimator(engine.Clock, Rate);
        ins = (float**)NativeMemory.AllocZeroed((nuint)(engine.Format.Inputs + 1), (nuint)sizeof(float*));
        outs = (float**)NativeMemory.AllocZeroed((nuint)(engine.Format.Outputs + 1), (nuint)sizeof(float*));
        inputLanes = Math.Min(inputLanes, engine.Format.Inputs);
        engine.Announce(this);
        lastCallback = SampleClock.MonotonicNow;
        Volatile.Write(ref this.engine, engine);
        PortAudio.Pa_StartStream(stream);
    }

    /// <inheritdoc/>
    public void Stop()
    {
        if (stream == 0) return;
        using (new QuietLibraries())
        {
            PortAudio.Pa_AbortStream(stream);
            PortAudio.Pa_CloseStream(stream);
            PortAudio.Pa_Terminate();
        }
        (stream, engine) = (0, null);
        NativeMemory.Free(ins);
        NativeMemory.Free(outs);
        ins = outs = null;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Stop();
        if (self.IsAllocated) self.Free();
    }

    static bool Begin(out string why)
    {
        why = "libportaudio is not installed";
        if (!AudioNatives.IsThere("portaudio")) return false;
        try
        {
            using var quiet = new QuietLibraries();
            var error = PortAudio.Pa_Initialize();
            why = error == 0 ? "" : $"PortAudio does not start: {PortAudio.Reason(error)}";
            return error == 0;
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException or BadImageFormatException)
        {
            why = $"libportaudio does not work here: {e.Message}";
            return false;
        }
    }

    static string NameOf(int device) => Marshal.PtrToStringUTF8((nint)PortAudio.Pa_GetDeviceInfo(device)->Name) ?? "";

    static (int Input, int Output) Choose(string wanted)
    {
        if (wanted.Length == 0) return (PortAudio.Pa_GetDefaultInputDevice(), PortAudio.Pa_GetDefaultOutputDevice());
        var isNumber = int.TryParse(wanted, CultureInfo.InvariantCulture, out var number);
        for (var i = 0; i < PortAudio.Pa_GetDeviceCount(); i++)
            if (isNumber ? i == number : NameOf(i).Contains(wanted, StringComparison.OrdinalIgnoreCase))
            {
                var info = PortAudio.Pa_GetDeviceInfo(i);
                return (info->MaxInputs > 0 ? i : PortAudio.NoDevice, info->MaxOutputs > 0 ? i : PortAudio.NoDevice);
            }
        return (PortAudio.NoDevice, PortAudio.NoDevice);
    }

    int Open(int input, int output, AudioFormat format)
    {
        var (from, to) = (Parameters(input, true, format.Inputs), Parameters(output, false, format.Outputs));
        (inputLanes, outputLanes) = (from.Lanes, to.Lanes);
        using var quiet = new QuietLibraries();
        var error = Open(from, to, Rate);
        if (error != 0)
        {
            // Not every device takes every rate; its own it does.
            var own = PortAudio.Pa_GetDeviceInfo(output == PortAudio.NoDevice ? input : output)->Rate;
            error = Open(from, to, own);
            Rate = (int)Math.Round(own);
        }
        if (error != 0) PortAudio.Pa_Terminate();
        return error;
    }

    int Open(PortAudio.StreamParameters from, PortAudio.StreamParameters to, double rate)
    {
        nint opened;
        var error = PortAudio.Pa_OpenStream(&opened, from.Lanes > 0 ? &from : null, to.Lanes > 0 ? &to : null, rate,
            (nuint)block, PortAudio.NoFlags, &Process, (void*)GCHandle.ToIntPtr(self));
        if (error == 0) stream = opened;
        return error;
    }

    static PortAudio.StreamParameters Parameters(int device, bool isInput, int lanes)
    {
        if (device == PortAudio.NoDevice) return default;
        var info = PortAudio.Pa_GetDeviceInfo(device);
        return new PortAudio.StreamParameters
        {
            Device = device,
            Lanes = Math.Min(lanes, isInput ? info->MaxInputs : info->MaxOutputs),
            Format = PortAudio.Float32 | PortAudio.NonInterleaved,
            Latency = isInput ? info->LowInputLatency : info->LowOutputLatency,
        };
    }

    [ThreadStatic] static bool isEntered;

    /// <summary>[audio] One block.</summary>
    [UnmanagedCallersOnly]
    static int Process(float** input, float** output, nuint frames, void* time, nuint flags, void* argument)
    {
        var driver = (PortAudioDriver)GCHandle.FromIntPtr((nint)argument).Target!;
        if (!isEntered)
        {
            isEntered = true;
            Engine.EnterThread();
            driver.Rights = RealtimeRights.Ask();
        }
        driver.PlayBlock(input, output, (int)frames, SampleClock.MonotonicNow, flags);
        return 0;
    }

    void PlayBlock(float** input, float** output, int frames, long now, nuint flags)
    {
        const nuint underflow = 0x4;   // paOutputUnderflow
        Volatile.Write(ref lastCallback, now);
        for (var lane = 0; lane < outputLanes; lane++) new Span<float>(output[lane], frames).Clear();
        if (Volatile.Read(ref engine) is not { } playing) return;
        if ((flags & underflow) != 0) Interlocked.Increment(ref playing.Status.LostCyclesNow);
        estimator!.Observe(playing.Status.Frame, now);
        for (var lane = 0; lane < inputLanes; lane++) ins[lane] = input[lane];
        for (var lane = 0; lane < Math.Min(outputLanes, playing.Format.Outputs); lane++) outs[lane] = output[lane];
        block = frames;
        playing.Process(ins, outs, frames);
    }
}
