namespace OscLooper.Osc;

/// <summary>An NTP time: seconds since 1900 in the upper 32 bits, parts of 2^-32 s in the lower ones.</summary>
public readonly record struct OscTimeTag(ulong Raw)
{
    const long SecondsFrom1900To1970 = 2_208_988_800;
    const long EraSeconds = 1L << 32;
    const ulong OneDay = 86_400UL << 32;

    /// <summary>The reserved time tag "immediately" (1).</summary>
    public static OscTimeTag Immediate => new(1);

    /// <summary>Whether this is the reserved time tag "immediately".</summary>
    public bool IsImmediate => Raw == 1;

    /// <summary>The time tag nearest to a time in nanoseconds since 1970 (UTC).</summary>
    public static OscTimeTag FromUnixNanoseconds(long unixNanoseconds)
    {
        var (seconds, rest) = DivideDown(unixNanoseconds, 1_000_000_000);
        return FromUnix(seconds, (ulong)rest, 1_000_000_000);
    }

    /// <summary>The time tag nearest to a UTC time.</summary>
    public static OscTimeTag FromDateTime(DateTime utc)
    {
        var (seconds, rest) = DivideDown(utc.Ticks - DateTime.UnixEpoch.Ticks, TimeSpan.TicksPerSecond);
        return FromUnix(seconds, (ulong)rest, TimeSpan.TicksPerSecond);
    }

    /// <summary>Nanoseconds since 1970, in the 136-year era (they change in 2036) that is nearest to now.</summary>
    public long ToUnixNanoseconds() =>
        ToUnixNanoseconds((DateTime.UtcNow.Ticks - DateTime.UnixEpoch.Ticks) * (1_000_000_000 / TimeSpan.TicksPerSecond));

    /// <summary>Nanoseconds since 1970, in the era that is nearest to the given time.</summary>
    public long ToUnixNanoseconds(long nearUnixNanoseconds)
    {
        var (seconds, rest) = ToUnix(DivideDown(nearUnixNanoseconds, 1_000_000_000).Quotient, 1_000_000_000);
        var nanoseconds = (Int128)seconds * 1_000_000_000 + rest;
        return (long)Int128.Clamp(nanoseconds, long.MinValue, long.MaxValue);
    }

    /// <summary>The UTC time, to 100 ns, in the era that is nearest to now.</summary>
    public DateTime ToDateTime() => ToDateTime(DateTime.UtcNow);

    /// <summary>The UTC time, to 100 ns, in the era that is nearest to the given time.</summary>
    public DateTime ToDateTime(DateTime nearUtc)
    {
        var near = DivideDown(nearUtc.Ticks - DateTime.UnixEpoch.Ticks, TimeSpan.TicksPerSecond).Quotient;
        var (seconds, rest) = ToUnix(near, TimeSpan.TicksPerSecond);
        var ticks = seconds * TimeSpan.TicksPerSecond + rest + DateTime.UnixEpoch.Ticks;
        return new(Math.Clamp(ticks, DateTime.MinValue.Ticks, DateTime.MaxValue.Ticks), DateTimeKind.Utc);
    }

    /// <summary>The later of two, where "immediately" is earlier than any time; the wrap of 2036 is seen between tags within a day of it.</summary>
    public static OscTimeTag Later(OscTimeTag a, OscTimeTag b)
    {
        if (a.IsImmediate) return b;
        if (b.IsImmediate) return a;
        // By number, so that 0 is long past beside a tag of today.
        var (lower, higher) = a.Raw <= b.Raw ? (a, b) : (b, a);
        return lower.Raw - higher.Raw < OneDay ? lower : higher;
    }

    /// <summary>"immediately", or the 64 bits in hexadecimal.</summary>
    public override string ToString() => IsImmediate ? "immediately" : $"0x{Raw:x16}";

    static OscTimeTag FromUnix(long seconds, ulong part, ulong partsPerSecond)
    {
        // Rounded to the nearest; a carry runs into the seconds, and those wrap in 2036.
        var fraction = ((part << 32) + partsPerSecond / 2) / partsPerSecond;
        return new(((ulong)(seconds + SecondsFrom1900To1970) << 32) + fraction);
    }

    (long Seconds, long Part) ToUnix(long nearUnixSeconds, long partsPerSecond)
    {
        var inEra = (long)(Raw >> 32);
        var era = DivideDown(nearUnixSeconds + SecondsFrom1900To1970 - inEra + EraSeconds / 2, EraSeconds).Quotient;
        var rest = (long)(((Raw & 0xFFFF_FFFF) * (ulong)partsPerSecond + (1UL << 31)) >> 32);
        return (inEra + era * EraSeconds - SecondsFrom1900To1970, rest);
    }

    static (long Quotient, long Remainder) DivideDown(long value, long divisor)
    {
        var (quotient, rest) = Math.DivRem(value, divisor);
        return rest < 0 ? (quotient - 1, rest + divisor) : (quotient, rest);
    }
}
