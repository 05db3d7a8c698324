using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace OscLooper.Server.Audio;

/// <summary>[any] What libjack would print on the terminal, kept for whoever asks.</summary>
static unsafe class JackLog
{
    const int Kept = 100;
    static readonly ConcurrentQueue<string> lines = new();

    /// <summary>[any] The last lines, oldest first.</summary>
    internal static IReadOnlyCollection<string> Lines => lines;

    /// <summary>[main] Before the first call of libjack.</summary>
    internal static void Silence()
    {
        Jack.jack_set_error_function(&Keep);
        Jack.jack_set_info_function(&Keep);
    }

    [UnmanagedCallersOnly]
    static void Keep(byte* text)
    {
        lines.Enqueue(Marshal.PtrToStringUTF8((nint)text) ?? "");
        while (lines.Count > Kept) lines.TryDequeue(out _);
    }
}
