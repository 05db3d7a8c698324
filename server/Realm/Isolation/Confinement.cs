using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace OscLooper.Server.Realm.Isolation;

/// <summary>
/// [main] What can be taken from the process of an isolated imp on Linux without being root: it gets no more rights than it has, no files that were
/// open by chance, and bounds on memory, files and processes. It sees the same files and the same network as before (modules/README.md).
/// </summary>
[NativeCalls("libc", NativeCallers.Any)]
static partial class Confinement
{
    const string Word = "confined";
    const int NoNewPrivileges = 38;                 // PR_SET_NO_NEW_PRIVS of prctl(2)
    const uint CloseOnExec = 4;                     // CLOSE_RANGE_CLOEXEC of close_range(2)
    const ulong MiB = 1 << 20, MostData = 2048 * MiB, MostFileBytes = 4096 * MiB, MostFiles = 1024, MostMoreThreads = 4096;
    // RLIMIT_FSIZE, _DATA, _CORE, _NPROC, _NOFILE of getrlimit(2), as Linux numbers them on x86 and ARM.
    const int FileSize = 1, Data = 2, Core = 4, Threads = 6, Files = 7;

    [StructLayout(LayoutKind.Sequential)]
    struct Limit
    {
        public ulong Soft, Hard;
    }

    /// <summary>[main] Begins this process anew, confined from its first instruction on: most of it holds for threads, and a runtime has some already.</summary>
    public static void Enter(string[] words)
    {
        if (!OperatingSystem.IsLinux() || words[^1] == Word || Environment.ProcessPath is not { } program) return;
        prctl(NoNewPrivileges, 1, 0, 0, 0);
        Bound(Core, 0);
        Bound(FileSize, MostFileBytes);
        Bound(Data, MostData);
        Bound(Files, MostFiles);
        // Counted over all that its user runs; so it stops what multiplies without end, and nothing else.
        Bound(Threads, ThreadsNow() + MostMoreThreads);
        try
        {
            // When memory runs out, this one goes first.
            File.WriteAllText("/proc/self/oom_score_adj", "500");
            // What the server had open, and did not close for its children.
            close_range(3, uint.MaxValue, CloseOnExec);
            var argv = Encoding.UTF8.GetString(File.ReadAllBytes("/proc/self/cmdline")).TrimEnd('\0').Split('\0');
            execv(program, [.. argv, Word, null]);
        }
        catch (Exception trouble) when (trouble is IOException or UnauthorizedAccessException or EntryPointNotFoundException)
        {
            Console.Error.WriteLine($"osclooper: the process of an isolated imp is not confined: {trouble.Message}");
        }
    }

    static void Bound(int what, ulong most)
    {
        if (getrlimit(what, out var now) != 0) return;
        var bound = Math.Min(most, now.Hard);
        setrlimit(what, new Limit { Soft = bound, Hard = bound });
    }

    static ulong ThreadsNow() => (ulong)Process.GetProcesses().Sum(p =>
    {
        using (p)
            try { return p.Threads.Count; }
            catch (Exception) { return 0; }     // it has ended meanwhile
    });

    [LibraryImport("libc")] private static partial int prctl(int option, nuint a, nuint b, nuint c, nuint d);
    [LibraryImport("libc")] private static partial int getrlimit(int what, out Limit limit);
    [LibraryImport("libc")] private static partial int setrlimit(int what, in Limit limit);
    [LibraryImport("libc")] private static partial int close_range(uint first, uint last, uint flags);
    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)] private static partial int execv(string program, string?[] arguments);
}
