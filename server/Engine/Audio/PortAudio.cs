using System.Runtime.InteropServices;

namespace OscLooper.Server.Audio;

/// <summary>[any] The part of libportaudio that is used (portaudio.h, version 19).</summary>
static unsafe partial class PortAudio
{
    internal const uint Float32 = 0x1, NonInterleaved = 0x80000000;   // PaSampleFormat
    internal const uint NoFlags = 0;
    internal const int NoDevice = -1;

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

    [LibraryImport("portaudio")] internal static partial int Pa_Initialize();
    [LibraryImport("portaudio")] internal static partial int Pa_Terminate();
    [LibraryImport("portaudio")] internal static partial int Pa_GetDeviceCount();
    [LibraryImport("portaudio")] internal static partial int Pa_GetDefaultInputDevice();
    [LibraryImport("portaudio")] internal static partial int Pa_GetDefaultOutputDevice();
    [LibraryImport("portaudio")] internal static partial DeviceInfo* Pa_GetDeviceInfo(int device);
    [LibraryImport("portaudio")] internal static partial byte* Pa_GetErrorText(int error);
    [LibraryImport("portaudio")]
    internal static partial int Pa_OpenStream(nint* stream, StreamParameters* input, StreamParameters* output, double rate, nuint frames, nuint flags,
        delegate* unmanaged<float**, float**, nuint, void*, nuint, void*, int> callback, void* argument);
    [LibraryImport("portaudio")] internal static partial int Pa_StartStream(nint stream);
    [LibraryImport("portaudio")] internal static partial int Pa_AbortStream(nint stream);
    [LibraryImport("portaudio")] internal static partial int Pa_CloseStream(nint stream);

    internal static string Reason(int error) => Marshal.PtrToStringUTF8((nint)Pa_GetErrorText(error)) ?? "unknown error";
}
