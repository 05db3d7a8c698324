namespace OscLooper.Server.Realm;

/// <summary>[any] A fault as text. Only text is kept: an exception knows the code that threw it, and so its module could never be unloaded.</summary>
static class FaultText
{
    // It has to fit into one datagram, with its address.
    const int MostCharacters = 16_000;

    /// <summary>[any] One line: what went wrong.</summary>
    public static string Line(Exception trouble) =>
        (trouble is HungException or ApartException ? trouble.Message : $"{trouble.GetType().Name}: {trouble.Message}").Trim().ReplaceLineEndings(" ");

    /// <summary>[any] What went wrong and where: types, messages and stacks, also of the causes.</summary>
    public static string Stack(Exception trouble) => Shortened(trouble switch
    {
        ApartException { Stack: { Length: > 0 } there } => there,
        // It is still in there: no stack of it can be had.
        ApartException or HungException => trouble.Message,
        _ => trouble.ToString(),
    });

    // The place is at the top of a stack, and where it came from at its end.
    static string Shortened(string text) =>
        text.Length <= MostCharacters ? text : $"{text[..(MostCharacters * 3 / 4)]}\n   ...\n{text[^(MostCharacters / 4)..]}";
}

/// <summary>[any] A module in a process of its own failed; its stack is the one of that process.</summary>
sealed class ApartException(string message, string stack) : Exception(message)
{
    /// <summary>[any] Where it failed there; empty when nobody knows.</summary>
    public string Stack => stack;
}
