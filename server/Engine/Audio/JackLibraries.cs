using System.Runtime.InteropServices;
using OscLooper.Dsp.Native;

namespace OscLooper.Server.Audio;

/// <summary>[any] Where the two libjacks are: JACK's own in the system's folders, PipeWire's in a folder of its own. Each is loaded once, and for itself.</summary>
[NativeCalls("libc", NativeCallers.Any)]
static unsafe partial class JackLibraries
{
    static readonly string[] names = ["libjack.so.0", "libjack64.dll", "libjack.0.dylib"];
    static readonly Lock loading = new();
    static (Jack? Jack, string Why, nint Handle)? ofJack, ofPipeWire;

    /// <summary>[any] The system's libjack, whoever made it; null and why when there is none.</summary>
    internal static Jack? System(out string why)
    {
        lock (loading)
        {
            ofJack ??= Load(NativeFiles.Find(names, typeof(JackLibraries).Assembly), "libjack is not installed");
            why = ofJack.Value.Why;
            return ofJack.Value.Jack;
        }
    }

    /// <summary>[any] PipeWire's libjack; null and why when there is none.</summary>
    internal static Jack? PipeWire(out string why)
    {
        lock (loading)
        {
            if (PipeWireFile is null && IsPipeWire(out _)) return System(out why);
            ofPipeWire ??= Load(PipeWireFile is { } file && NativeLibrary.TryLoad(file, out var handle) ? handle : 0, "PipeWire's libjack is not installed");
            why = ofPipeWire.Value.Why;
            return ofPipeWire.Value.Jack;
        }
    }

    /// <summary>[any] Whether the system's libjack is PipeWire's (some distributions install no other, and pw-jack puts it first).</summary>
    internal static bool IsPipeWire(out string why)
    {
        lock (loading)
        {
            if (System(out why) is null || !NativeLibrary.TryGetExport(ofJack!.Value.Handle, "jack_get_version_string", out var version)) return false;
            return Marshal.PtrToStringUTF8((nint)((delegate* unmanaged<byte*>)version)())?.Contains("PipeWire", StringComparison.Ordinal) ?? false;
        }
    }

    /// <summary>[any] The file of PipeWire's libjack; null where it is not installed beside the system's.</summary>
    internal static string? PipeWireFile
    {
        get
        {
            if (!OperatingSystem.IsLinux()) return null;
            string[] folders = ["/usr/lib64", "/usr/lib", "/usr/local/lib64", "/usr/local/lib"];
            var machine = RuntimeInformation.ProcessArchitecture switch { Architecture.X64 => "x86_64", Architecture.Arm64 => "aarch64", Architecture.Arm => "arm", var other => $"{other}" };
            var multiarch = folders.Where(Directory.Exists).SelectMany(f => Directory.EnumerateDirectories(f, $"{machine}-linux-*"));
            return multiarch.Concat(folders).Select(f => $"{f}/pipewire-0.3/jack/libjack.so.0").FirstOrDefault(File.Exists);
        }
    }

    /// <summary>[any] The socket of a PipeWire server of this user or of the system (as PipeWire itself looks for it); null when there is none.</summary>
    internal static string? PipeWireSocket
    {
        get
        {
            var remote = Environment.GetEnvironmentVariable("PIPEWIRE_REMOTE") is { Length: > 0 } named ? named : "pipewire-0";
            string?[] folders = [Environment.GetEnvironmentVariable("PIPEWIRE_RUNTIME_DIR"), Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR"), "/run/pipewire"];
            return folders.Where(f => f is { Length: > 0 }).Select(f => Path.Combine(f!, remote)).FirstOrDefault(File.Exists);
        }
    }

    /// <summary>[main] Asks PipeWire for blocks of this length, unless the user does: it would give 1024.</summary>
    internal static void AskForBlock(int frames, int rate) => setenv("PIPEWIRE_LATENCY", $"{frames}/{rate}", 0);

    static (Jack?, string, nint) Load(nint library, string missing) => library == 0 ? (null, missing, 0) : (Jack.In(library, out var why), why, library);

    // The library reads the environment of the process, which is not the runtime's copy.
    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)] private static partial int setenv(string name, string value, int overwrite);
}
