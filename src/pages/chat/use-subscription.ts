import { useEffect, useState } from "preact/hooks";

interface Subscribable<State> {
  state(): State;
  subscribe(listener: () => void): () => void;
}

/** The state of something that lives outside of the components. */
export function useSubscription<State>(source: Subscribable<State>): State {
  const [state, setState] = useState(source.state);
  useEffect(() => {
    const show = () => setState(source.state());
    // What changed between the first rendering and this effect has called nobody.
    show();
    return source.subscribe(show);
  }, [source]);
  return state;
}
