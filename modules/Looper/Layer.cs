using OscLooper.Dsp;

namespace OscLooper.Looper;

/// <summary>[audio] What a scene may hold at one moment of its history: a tape (or nothing) and how it ran.</summary>
struct Layer
{
    public Tape Tape;
    public Phase Phase;
    public readonly bool IsEmpty => Tape.IsEmpty;
}

/// <summary>[audio] A stack of layers with a bottom that drops out when it is full.</summary>
sealed class LayerStack
{
    /// <summary>[any] Layers that undo goes back.</summary>
    public const int Most = 16;

    readonly Layer[] layers = new Layer[Most];

    public int Count { get; private set; }
    public bool IsFull => Count == Most;
    public ref Layer this[int fromBottom] => ref layers[fromBottom];
    public ref Layer Top => ref layers[Count - 1];

    public void Push(in Layer layer) => layers[Count++] = layer;

    public Layer Pop()
    {
        var top = layers[--Count];
        layers[Count] = default;
        return top;
    }

    public Layer DropBottom()
    {
        var bottom = layers[0];
        Count--;
        for (var i = 0; i < Count; i++) layers[i] = layers[i + 1];
        layers[Count] = default;
        return bottom;
    }
}
