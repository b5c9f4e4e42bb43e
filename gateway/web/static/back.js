// A page that answers a form goes by its address from here on, so that "back" and a reload ask for what stands
// there now, and send nothing again. Without scripts the browser asks first.
history.replaceState(null, "", location.href);
