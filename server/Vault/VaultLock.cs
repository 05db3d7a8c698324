using System.Diagnostics;
using Microsoft.Win32.SafeHandles;
using OscLooper.Dsp;

namespace OscLooper.Server.Vault;

/// <summary>
/// [main] One server to a vault: a file that the system keeps locked while its owner lives (so a killed one leaves no trap behind), with
/// the owner's pid and start time in it for whoever comes second.
/// </summary>
sealed class VaultLock : IDisposable
{
    readonly FileStream file;

    VaultLock(FileStream file) => this.file = file;

    /// <summary>[main] Takes the lock; throws <see cref="VaultHeldException"/> when another server has it.</summary>
    public static VaultLock Take(string folder)
    {
        Directory.CreateDirectory(folder);
        var path = Path.Combine(folder, "lock");
        FileStream? file = null;
        try
        {
            // Windows lets others read what only one may write; elsewhere None is an exclusive lock on the whole file.
            file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, OperatingSystem.IsWindows() ? FileShare.Read : FileShare.None, 1);
            file.SetLength(0);
            using var me = Process.GetCurrentProcess();
            file.Write(System.Text.Encoding.UTF8.GetBytes($"{me.Id} {me.StartTime.ToUniversalTime():yyyy-MM-ddTHH:mm:ssZ}\n"));
            file.Flush(flushToDisk: true);
            return new VaultLock(file);
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

    /// <summary>[main] Lets others have it.</summary>
    public void Dispose()
    {
        file.SetLength(0);
        file.Dispose();
    }

    // ERROR_SHARING_VIOLATION on Windows, EWOULDBLOCK elsewhere (11 on Linux, 35 on macOS); .NET gives both numbers as HResult.
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
