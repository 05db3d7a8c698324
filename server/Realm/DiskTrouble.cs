namespace OscLooper.Server.Realm;

/// <summary>[any] Whether something failed because of the disk: then it is nobody's fault, and nothing of the save counts.</summary>
static class DiskTrouble
{
    // errno(3): EIO, EFBIG, ENOSPC, EROFS, EDQUOT; ERROR_WRITE_FAULT, ERROR_HANDLE_DISK_FULL, ERROR_DISK_FULL of Windows. .NET gives them as HResult.
    static readonly int[] codes = OperatingSystem.IsWindows() ? [29, 39, 112] : [5, 27, 28, 30, 122];

    /// <summary>[any] It, or anything that it was made of, comes from the disk.</summary>
    public static bool IsIn(Exception? trouble) => Find(trouble) is not null;

    /// <summary>[any] What the disk said, in whatever it was wrapped; null when it was not the disk.</summary>
    public static IOException? Find(Exception? trouble) => trouble switch
    {
        null => null,
        IOException disk when codes.Contains(disk.HResult & 0xFFFF) => disk,
        AggregateException many => many.InnerExceptions.Select(Find).FirstOrDefault(f => f is not null),
        _ => Find(trouble.InnerException),
    };
}
