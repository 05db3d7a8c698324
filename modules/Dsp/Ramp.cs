using System.Runtime.CompilerServices;

namespace OscLooper.Dsp;

/// <summary>[audio] A value on its way: its first frame already differs, its last is the target exactly. It is computed
/// from the absolute frame, never added up, so the result does not depend on the block size.</summary>
/// <param name="curve">The shape and length of every move.</param>
/// <param name="value">Where it rests until the first move.</param>
public struct Ramp(RaisedCosine curve, float value)
{
    RaisedCosine curve = curve;
    long start = long.MinValue / 2;
    float from = value;

    /// <summary>[audio] Where it goes, or rests.</summary>
    public float Target { get; private set; } = value;

    /// <summary>[audio] Where the present move came from.</summary>
    public readonly float From => from;

    /// <summary>[audio] How long a move takes.</summary>
    public readonly int Frames => curve.Frames;

    internal readonly RaisedCosine Curve => curve;

    /// <summary>[audio] Takes another shape or length for the moves to come; a move in progress is finished at once.</summary>
    public void Shape(RaisedCosine shape)
    {
        from = Target;
        curve = shape;
    }

    /// <summary>[audio] Rests at this value at once; for when nothing sounds.</summary>
    public void Reset(float value)
    {
        start = long.MinValue / 2;
        from = Target = value;
    }

    /// <summary>[audio] Moves to a value, from wherever it is now; this frame is the first that differs.</summary>
    public void Start(long frame, float to) => Start(frame, At(frame - 1), to);

    /// <summary>[audio] Moves between two values; this frame is the first that differs from the first value.</summary>
    public void Start(long frame, float from, float to)
    {
        start = frame;
        this.from = from;
        Target = to;
    }

    /// <summary>[audio] The value at this frame.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly float At(long frame)
    {
        var k = Position(frame);
        if (k >= curve.Frames) return Target;
        return k <= 0 ? from : from + (Target - from) * curve.Table[(int)k];
    }

    /// <summary>[audio] False when the value is the target at this frame and ever after.</summary>
    public readonly bool IsMoving(long frame) => from != Target && Position(frame) < curve.Frames;

    /// <summary>[audio] Which frame of the curve this is, counted from 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal readonly long Position(long frame) => frame - start + 1;
}
