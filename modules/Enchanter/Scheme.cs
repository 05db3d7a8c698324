namespace OscLooper.Enchanter;

/// <summary>[main] What plays on a controller as a whole, beside single bindings. A control that the player has bound is left to the binding.</summary>
abstract class Scheme
{
    /// <summary>[main] A button, pad, pedal, key ("key/60") or command ("command/60") goes down or up; the frame is that on which an answer shall act.</summary>
    internal virtual void Press(string name, Control? control, bool isDown, int velocity, long? frame) { }

    /// <summary>[main] The enchanter itself has set an address.</summary>
    internal virtual void Said(string address, object[] values) { }

    /// <summary>[main] Time passes: once a second, and often while it is waiting.</summary>
    internal virtual void Tick(double seconds) { }

    /// <summary>[main] What it does next depends on the time that passes.</summary>
    internal virtual bool IsWaiting => false;

    /// <summary>[main] Called when it begins to wait.</summary>
    internal Action? Waits { get; set; }

    /// <summary>[main] The device is there.</summary>
    internal virtual void Come() { }

    /// <summary>[main] The device has gone: nothing is held.</summary>
    internal virtual void Release() { }

    /// <summary>[main] Listens to what it shows.</summary>
    internal virtual void Start() { }

    /// <summary>[main] Listens no more.</summary>
    internal virtual void Stop() { }

    /// <summary>[main] What it wants to be remembered, as text; null = nothing.</summary>
    internal virtual string? State
    {
        get => null;
        set { }
    }
}
