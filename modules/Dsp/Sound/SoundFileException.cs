namespace OscLooper.Dsp;

/// <summary>[worker] The one error of sound files: a sentence that can be shown to the player.</summary>
public sealed class SoundFileException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Runs something on a file and turns what the system may answer into this error.</summary>
    internal static T Guard<T>(string path, Func<T> action)
    {
        try
        {
            return action();
        }
        catch (NotRegularFileException e) { throw new SoundFileException(e.Message, e); }
        catch (FileNotFoundException e) { throw new SoundFileException($"{Name(path)}: no such file", e); }
        catch (DirectoryNotFoundException e) { throw new SoundFileException($"{Name(path)}: no such folder", e); }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new SoundFileException($"{Name(path)}: {e.Message}", e);
        }
    }

    internal static string Name(string path) => path.Length == 0 ? "(no path)" : Path.GetFileName(path);
}
