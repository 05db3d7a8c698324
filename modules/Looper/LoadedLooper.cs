namespace OscLooper.Looper;

/// <summary>[any] Everything that was read from a folder, ready to be played.</summary>
sealed class LoadedLooper
{
    /// <summary>[any] Where the transport's grid was, in beats.</summary>
    public double Beat { get; init; }
    /// <summary>[any] What was read, by channel.</summary>
    public required ChannelSnapshot[] Channels { get; init; }
    /// <summary>[any] The channels made of it.</summary>
    public required Channel[] Made { get; init; }
    /// <summary>[main] The how many-th it is: what main asked for before it meant the channels that it replaces, what it asked for after it means these.</summary>
    public int Number { get; set; }
    /// <summary>[any] The channels play; else they are given up with it.</summary>
    public bool IsPlayed { get; set; }
    /// <summary>[main] Names by row.</summary>
    public required IReadOnlyDictionary<int, string> Names { get; init; }
    /// <summary>[worker] Which file holds which tape.</summary>
    public required IReadOnlyDictionary<long, string> Files { get; init; }
}
