namespace OscLooper.Bard;

/// <summary>[any] How a pitch finds its place in a scale.</summary>
enum QuantizeMode { Off, Nearest, Down, Up, Filter, Degrees }

/// <summary>[any] A set of pitch classes, as 12 bits from the root, and what to do with pitches outside (facts/bard.md 3.3.2).</summary>
readonly struct Scale(int mask, int root)
{
    internal const int Dropped = int.MinValue;
    const int Middle = 60;
    static ReadOnlySpan<sbyte> Degree => [0, -1, 1, -1, 2, 3, -1, 4, -1, 5, -1, 6];

    internal bool Has(int pitch) => (mask >> Class(pitch - root) & 1) != 0;

    internal static int Class(int pitch) => (pitch % 12 + 12) % 12;

    internal int Quantize(int pitch, QuantizeMode mode) => mode switch
    {
        QuantizeMode.Off => pitch,
        _ when (mask & 0xFFF) == 0 => pitch,
        QuantizeMode.Nearest => Nearest(pitch),
        QuantizeMode.Down => Walk(pitch, -1),
        QuantizeMode.Up => Walk(pitch, 1),
        QuantizeMode.Filter => Has(pitch) ? pitch : Dropped,
        _ => ByDegree(pitch),
    };

    // Ties go down.
    int Nearest(int pitch)
    {
        for (var distance = 0; distance < 12; distance++)
        {
            if (Has(pitch - distance)) return pitch - distance;
            if (Has(pitch + distance)) return pitch + distance;
        }
        return pitch;
    }

    int Walk(int pitch, int step)
    {
        for (var i = 0; i < 12 && !Has(pitch); i++) pitch += step;
        return pitch;
    }

    // White keys are the degrees, counted on from the root at the middle C; a black key is the degree below it and a semitone.
    int ByDegree(int pitch)
    {
        var octave = (int)Math.Floor((pitch - Middle) / 12.0);
        var white = Degree[Class(pitch)];
        return white >= 0 ? Pitch(octave * 7 + white) : Pitch(octave * 7 + Degree[Class(pitch - 1)]) + 1;
    }

    internal int Size => System.Numerics.BitOperations.PopCount((uint)mask & 0xFFF);

    /// <summary>[any] The pitch of a degree: 0 is the root at the middle C.</summary>
    internal int Pitch(int degree)
    {
        var size = Size;
        var octave = (int)Math.Floor(degree / (double)size);
        var left = degree - octave * size;
        for (var k = 0; k < 12; k++)
            if ((mask >> k & 1) != 0 && left-- == 0) return Middle + root + octave * 12 + k;
        return Middle + root;
    }

    /// <summary>[any] The degree of a pitch of the scale.</summary>
    internal int DegreeOf(int pitch)
    {
        var above = pitch - Middle - root;
        var octave = (int)Math.Floor(above / 12.0);
        return octave * Size + System.Numerics.BitOperations.PopCount((uint)(mask & (1 << above - octave * 12) - 1));
    }

    /// <summary>[any] Key signature: a white key gets its letter's accidental, a black key stays if it is in the major scale, else goes one down.</summary>
    internal static int Signed(int pitch, int key)
    {
        var major = new Scale(0b101010110101, Class(key * 7));
        var white = Degree[Class(pitch)];
        if (white < 0) return major.Has(pitch) ? pitch : pitch - 1;
        // Sharps come in the order F C G D A E B, flats in the order B E A D G C F; as degrees of C: 3 0 4 1 5 2 6.
        var place = white switch { 3 => 0, 0 => 1, 4 => 2, 1 => 3, 5 => 4, 2 => 5, _ => 6 };
        return key > place ? pitch + 1 : -key > 6 - place ? pitch - 1 : pitch;
    }
}
