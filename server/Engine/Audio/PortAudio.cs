using System.Runtime.InteropServices;

namespace OscLooper.Server.Audio;

/// <summary>
/// [any] The part of libportaudio that is used (portaudio.h, version 19). The library counts who initialised it without a guard and lists its devices
/// in memory that the last to terminate it frees: whoever calls it holds its one <see cref="Session"/>.
/// </summary>
[NativeCalls("portaudio", NativeCallers.OneAtATime)]
static unsafe partial class PortAudio
{
    internal const uint Float32 = 0x1, NonInterleaved = 0x80000000;   // PaSampleFormat
    internal const uint NoFlags = 0;
    internal const int NoDevice = -1;

    static readonly Lock calling = new();

    /// <summary>PaDeviceInfo.</summary>
    internal struct DeviceInfo
    {
        public int Version;
        public byte* Name;
        public int HostApi, MaxInputs, MaxOutputs;
        public double LowInputLatency, LowOutputLatency, HighInputLatency, HighOutputLatency, Rate;
    }

    /// <summary>PaStreamParameters. Where a C long has 4 bytes, the field is followed by 4 of padding.</summary>
    internal struct StreamParameters
    {
        public int Device, Lanes;
        public nuint Format;
        public double Latency;
        public void* Specific;
    }

    /// <summary>[any] The library for one thread; the terminal is spared what the systems beneath print.</summary>
    internal static Session Enter()
    {
        calling.Enter();
        return new(new QuietLibraries());
    }

    /// <summary>[any] While it lives no other thread is in the library.</summary>
    internal readonly ref struct Session(QuietLibraries quiet)
    {
        internal int Initialize() => Pa_Initialize();
        internal void Terminate() => Pa_Terminate();
        internal int DeviceCount => Pa_GetDeviceCount();
        internal int DefaultInput => Pa_GetDefaultInputDevice();
        internal int DefaultOutput => Pa_GetDefaultOutputDevice();
        internal DeviceInfo* InfoOf(int device) => Pa_GetDeviceInfo(device);
        internal string NameOf(int device) => Marshal.PtrToStringUTF8((nint)Pa_GetDeviceInfo(device)->Name) ?? "";
        internal string Reason(int error) => Marshal.PtrToStringUTF8((nint)Pa_GetErrorText(error)) ?? "unknown error";

        internal int Open(nint* stream, StreamParameters* input, StreamParameters* output, double rate, nuint frames,
            delegate* unmanaged<float**, float**, nuint, void*, nuint, void*, int> callback, void* argument) =>
            Pa_OpenStream(stream, input, output, rate, frames, NoFlags, callback, argument);

        internal int Start(nint stream) => Pa_StartStream(stream);

        internal void Close(nint stream)
        {
            Pa_AbortStream(stream);
            Pa_CloseStream(stream);
        }

        public void Dispose()
        {
            quiet.Dispose();
            calling.Exit();
        }
    }

    [LibraryImport("portaudio")] private static partial int Pa_Initialize();
    [LibraryImport("portaudio")] private static partial int Pa_Terminate();
    [LibraryImport("portaudio")] private static partial int Pa_GetDeviceCount();
    [LibraryImport("portaudio")] private static partial int Pa_GetDefaultInputDevice();
    [LibraryImport("portaudio")] private static partial int Pa_GetDefaultOutputDevice();
    [LibraryImport("portaudio")] private static partial DeviceInfo* Pa_GetDeviceInfo(int device);
    [LibraryImport("portaudio")] private static partial byte* Pa_GetErrorText(int error);
    [LibraryImport("portaudio")]
    private static partial int Pa_OpenStream(nint* stream, StreamParameters* input, StreamParameters* output, double rate, nuint frames, nuint flags,
        delegate* unmanaged<float**, float**, nuint, void*, nuint, void*, int> callback, void* argument);
    [LibraryImport("portaudio")] private static partial int Pa_StartStream(nint stream);
    [LibraryImport("portaudio")] private static partial int Pa_AbortStream(nint stream);
    [LibraryImport("portaudio")] private static partial int Pa_CloseStream(nint stream);
}
