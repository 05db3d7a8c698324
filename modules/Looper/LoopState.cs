namespace OscLooper.Looper;

/// <summary>[any] What a scene does (the words of .../state, in this order).</summary>
enum LoopState
{
    Idle, Recording, Looping, Overdubbing, Multiplying, Inserting, Replacing, Substituting, Paused, Oneshot,
}

/// <summary>[any] What a player asks for and what may wait for a boundary (the words of .../pending, in this order).</summary>
enum Act
{
    None, Record, Overdub, Play, Trigger, Pause, Stop, Scene,
}

/// <summary>[any] What an action waits for.</summary>
enum Quantize
{
    Off, Beat, Bar, Cycle, Loop,
}

/// <summary>[any] Where boundaries come from.</summary>
enum SyncSource
{
    None, Transport, Channel,
}

/// <summary>[any] When the input is heard.</summary>
enum Monitor
{
    Off, Auto, On,
}
