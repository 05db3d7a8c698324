namespace OscLooper.Reaper.Song;

/// <summary>One thing wrong with a song, and where: a JSON path such as $.tracks[0].sends[1].to.</summary>
readonly record struct SongError(string Path, string Message)
{
    public override string ToString() => $"{Path}: {Message}";
}

/// <summary>A song that cannot be built; it carries everything that is wrong at once.</summary>
sealed class SongException(IReadOnlyList<SongError> errors)
    : Exception(string.Join('\n', errors.Take(MaxShown)) + (errors.Count > MaxShown ? $"\n... and {errors.Count - MaxShown} more" : ""))
{
    const int MaxShown = 100;

    /// <summary>All that is wrong, in the order of the file.</summary>
    public IReadOnlyList<SongError> Errors { get; } = errors;
}
