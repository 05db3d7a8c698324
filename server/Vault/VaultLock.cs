using System.Diagnostics;
using Microsoft.Win32.SafeHandles;
using OscLooper.Dsp;

namespace OscLooper.Server.Vault;

/// <summary>
/// [main] One server to a vault: a file that the system keeps locked while its owner lives (so a killed one leaves no trap behind), with
/// the owner's pid and start time in it for whoever comes second. An owner that ends takes them out; so what is found there was left by one that
/// died: with it stands which session that one had opened, and how it fared.
/// </summary>
sealed class VaultLock : IDisposable
{
    /// <summary>A death soon after a start counts as this much when nobody had played by then, as a third when somebody had; one after an acknowledged save or a minute does not.</summary>
    public const int FailedStart = 3, PlayedStart = 1, DeathsToStop = 3, MostFailedStarts = DeathsToStop * FailedStart;
    const string SessionWord = "session ", FailedWord = "failed ", PlayedWord = "played", WellWord = "well";

    readonly FileStream file;
    readonly string[] before;
    bool isPlayed, isWell;

    VaultLock(FileStream file, string[] before) => (this.file, this.before) = (file, before);

    /// <summary>[main] Takes the lock; throws <see cref="VaultHeldException"/> when another server has it.</summary>
    public static VaultLock Take(string folder)
    {
        Disk.CreatePrivateFolder(folder);
        var path = Path.Combine(folder, "lock");
        FileStream? file = null;
        try
        {
            // Windows lets others read what only one may write; elsewhere None is an exclusive lock on the whole file.
            file = Disk.OpenPrivate(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, OperatingSystem.IsWindows() ? FileShare.Read : FileShare.None);
            var left = new byte[Math.Min(file.Length, MostBytes)];
            file.ReadExactly(left);
            var its = new VaultLock(file, System.Text.Encoding.UTF8.GetString(left).Split('\n'));
            its.Write("", 0);
            return its;
        }
        catch (IOException e) when (e is not (DirectoryNotFoundException or PathTooLongException) && IsSharing(e))
        {
            throw Held(folder, ReadOwner(path));
        }
        catch
        {
            file?.Dispose();
            throw;
        }
    }

    /// <summary>[main] How often the server died soon after it had opened this session, without anything else in between (as much as the constants say).</summary>
    public int FailedStarts(string session)
    {
        if (!before.Contains(SessionWord + session) || before.Contains(WellWord)) return 0;
        var failed = before.FirstOrDefault(l => l.StartsWith(FailedWord, StringComparison.Ordinal));
        _ = int.TryParse(failed.AsSpan(failed is null ? 0 : FailedWord.Length), out var earlier);
        return Math.Clamp(earlier, 0, MostFailedStarts) + (before.Contains(PlayedWord) ? PlayedStart : FailedStart);
    }

    /// <summary>[main] From now on this session is open; that many starts with it have failed.</summary>
    public void Begin(string session, int failed)
    {
        (isPlayed, isWell) = (false, false);
        Write(SessionWord + session, failed);
    }

    /// <summary>[main] Somebody plays.</summary>
    public void Played()
    {
        if (isPlayed) return;
        isPlayed = true;
        Add(PlayedWord);
    }

    /// <summary>[main] It has saved what somebody asked for, or lives for long enough.</summary>
    public void Well()
    {
        if (isWell) return;
        isWell = true;
        Add(WellWord);
    }

    void Write(string session, int failed)
    {
        using var me = Process.GetCurrentProcess();
        file.SetLength(0);
        Add($"{me.Id} {me.StartTime.ToUniversalTime():yyyy-MM-ddTHH:mm:ssZ} \n{session}\n{FailedWord}{failed}");
        file.Flush(flushToDisk: true);
    }

    // A full disk is no reason not to play: it is locked, whatever stands in it.
    void Add(string word)
    {
        try { file.Write(System.Text.Encoding.UTF8.GetBytes(word + "\n")); }
        catch (IOException e) when (Realm.DiskTrouble.IsIn(e)) { }
    }

    /// <summary>[main] Lets others have it.</summary>
    public void Dispose()
    {
        file.SetLength(0);
        file.Dispose();
    }

    // ERROR_SHARING_VIOLATION on Windows, EWOULDBLOCK elsewhere (11 on Linux, 35 on macOS); .NET gives both numbers as HResult.
    const int MostBytes = 1 << 16;

    static bool IsSharing(IOException e) => (e.HResult & 0xFFFF) is 32 or 33 or 11 or 35;

    static VaultHeldException Held(string folder, string owner) => new($"the vault {folder} is held by {owner}; end that server, or name another folder with --vault");

    static string Name(string line) => line.Split(' ', StringSplitOptions.TrimEntries) is [var pid, var since, ..] ? $"process {pid} since {since}" : "another server";

    static string ReadOwner(string path)
    {
        try
        {
            using var stream = OperatingSystem.IsWindows()
                ? new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite)
                : new FileStream(new SafeFileHandle(Disk.OpenUnlocked(path), ownsHandle: true), FileAccess.Read);
            using var reader = new StreamReader(stream);
            return Name(reader.ReadToEnd());
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return "another server";
        }
    }
}
