using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace OscLooper.Dsp.Native;

/// <summary>libsndfile (sndfile.h, version 1.0 and later).</summary>
[NativeCalls("sndfile", NativeCallers.OnePerHandle)]
static unsafe partial class SndFile
{
    internal const int Read = 0x10, Write = 0x20;
    internal const int Flac24 = 0x170000 | 0x0003;
    internal const int SetClipping = 0x10C0;

    [StructLayout(LayoutKind.Sequential)]
    internal struct Info
    {
        public long Frames;
        public int Rate, Lanes, Format, Sections, Seekable;
    }

    /// <summary>True where the library is installed.</summary>
    internal static bool IsHere
    {
        get
        {
            try { return sf_version_string() != null; }
            catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException or BadImageFormatException) { return false; }
        }
    }

    internal static string Reason(nint file) => Marshal.PtrToStringUTF8((nint)sf_strerror(file)) ?? "unknown error";

    [LibraryImport("sndfile")]
    private static partial byte* sf_version_string();

    /// <summary>Opens what was opened already: the library must not go by the name once more.</summary>
    internal static nint Open(string path, SafeFileHandle handle, int mode, ref Info info)
    {
        fixed (Info* about = &info)
        {
            if (OperatingSystem.IsWindows())
            {
                handle.Dispose();
                return sf_open(path, mode, about);
            }
            // The library closes it.
            var descriptor = (int)handle.DangerousGetHandle();
            handle.SetHandleAsInvalid();
            return sf_open_fd(descriptor, mode, about, 1);
        }
    }

    [LibraryImport("sndfile", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint sf_open(string path, int mode, Info* info);

    [LibraryImport("sndfile")]
    private static partial nint sf_open_fd(int file, int mode, Info* info, int closes);

    [LibraryImport("sndfile")]
    internal static partial int sf_close(nint file);

    [LibraryImport("sndfile")]
    internal static partial long sf_readf_float(nint file, float* frames, long count);

    [LibraryImport("sndfile")]
    internal static partial long sf_writef_float(nint file, float* frames, long count);

    [LibraryImport("sndfile")]
    internal static partial long sf_seek(nint file, long frame, int whence);

    [LibraryImport("sndfile")]
    internal static partial int sf_command(nint file, int command, void* data, int size);

    [LibraryImport("sndfile")]
    internal static partial void sf_write_sync(nint file);

    [LibraryImport("sndfile")]
    private static partial byte* sf_strerror(nint file);
}
