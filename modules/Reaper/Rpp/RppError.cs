namespace OscLooper.Reaper.Rpp;

/// <summary>The one error that reading, editing or writing a project may end with; the text names the line where there is one.</summary>
sealed class RppError : Exception
{
    /// <summary>1-based line of the file, 0 when the error is not about a line that was read.</summary>
    public int Line { get; }

    public RppError(string message, int line = 0) : base(line > 0 ? $"line {line}: {message}" : message) => Line = line;
}
