namespace OscLooper.Looper;

/// <summary>[any] Choices as words in files: those of the addresses.</summary>
static class Words
{
    public static string Of<T>(T value) where T : struct, Enum => value.ToString().ToLowerInvariant();

    /// <summary>[any] The choice of a word; the first one for a word that is not known.</summary>
    public static T To<T>(string? word) where T : struct, Enum =>
        word is { Length: > 0 } && char.IsAsciiLetterLower(word[0]) && Enum.TryParse<T>(word, ignoreCase: true, out var value) ? value : default;
}
