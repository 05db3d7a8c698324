namespace OscLooper.Looper;

/// <summary>[audio] The numbers of one channel: its row of <see cref="ChannelLeaves"/>.</summary>
sealed class ChannelCells(ChannelLeaves leaves, int row)
{
    public readonly Parameter Scene = leaves.Scene.Of(row), Scenes = leaves.Scenes.Of(row), State = leaves.State.Of(row), Sounding = leaves.Sounding.Of(row), Pending = leaves.Pending.Of(row);
    public readonly Parameter Volume = leaves.Volume.Of(row), Pan = leaves.Pan.Of(row), Mute = leaves.Mute.Of(row), Solo = leaves.Solo.Of(row);
    public readonly Parameter Monitor = leaves.Monitor.Of(row), Rate = leaves.Rate.Of(row), Feedback = leaves.Feedback.Of(row), Quantize = leaves.Quantize.Of(row), Sync = leaves.Sync.Of(row);
    public readonly Parameter Length = leaves.Length.Of(row), Frames = leaves.Frames.Of(row), Cycles = leaves.Cycles.Of(row), Position = leaves.Position.Of(row);
    public readonly Parameter Origin = leaves.Origin.Of(row), Layers = leaves.Layers.Of(row), RedoLayers = leaves.RedoLayers.Of(row);
    public readonly Parameter LevelIn = leaves.LevelIn.Of(row), LevelOut = leaves.LevelOut.Of(row);
}
